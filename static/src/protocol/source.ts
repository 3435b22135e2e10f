/** Names of media sources (docs/protocol.md, section 4). */

const VENUE = 'venue-'

/** Whether it is a sub-venue's. */
export const venueSource = (source: string) => source.startsWith(VENUE)
