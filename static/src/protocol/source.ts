/** Names of media sources (docs/protocol.md, section 4). */

const VENUE = 'venue-'

/** The lecturer's machine that the lesson is taught from, and its two sources. */
export type Machine = 'main' | 'spare'
export const cameraOf = (machine: Machine) => machine
export const screenOf = (machine: Machine) => machine === 'main' ? 'screen' : 'spare-screen'
export const isScreen = (source: string) => source === 'screen' || source === 'spare-screen'

/** Whether it is a sub-venue's. */
export const venueSource = (source: string) => source.startsWith(VENUE)
