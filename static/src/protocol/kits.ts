/** Keys of room kits (docs/protocol.md, section 6): an encoder that sends for its venue without a page. */

import type { Rest } from './rest'

export interface VenueKey {
  id: string
  lesson_venue_id: string
  venue: string
  path: string
  by: string
  issued_at: string
  used_at: string | null
  revoked_at: string | null
  sends: boolean
  /** Only in the answer that issues it. */
  key: string | null
}

export class KitCalls {
  constructor(private readonly rest: Rest) {}

  keys = async (lesson: string) => (await this.rest.json<{ items: VenueKey[] }>('GET', `/api/v1/lessons/${lesson}/venue-keys`)).items
  issue = (lesson: string, venue: string) => this.rest.command<VenueKey>(`/api/v1/lessons/${lesson}/venue-keys`, { lesson_venue_id: venue })
  revoke = (lesson: string, key: string) => this.rest.command<VenueKey>(`/api/v1/lessons/${lesson}/venue-keys/${key}/revoke`, {})
}

export type KeyState = 'sends' | 'used' | 'unused'
export const stateOf = (key: VenueKey): KeyState => key.sends ? 'sends' : key.used_at ? 'used' : 'unused'
