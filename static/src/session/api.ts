/** The one REST client of the page, and the hook for a session that ended. */

import { Rest } from '@/protocol/rest'

let loggedOut: () => void = () => undefined

export const rest = new Rest({ onLoggedOut: () => { loggedOut() } })

export function whenLoggedOut(act: () => void): void {
  loggedOut = act
}
