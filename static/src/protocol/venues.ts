/** What the calls of venues and their devices answer with (docs/protocol.md, section Venues). */

import type { Me, Named } from './model'

export interface PairingCode { id: string, code: string, secret: string, url: string, qr: string, expires_at: string, server_time: string }

export interface VenueDevice {
  id: string
  venue_id: string
  name: string
  browser: string
  paired_by: Named
  paired_at: string
  used_at: string | null
  revoked_at: string | null
  revoked_by: Named | null
}

export interface Fetched { me: Me | null }

/** `ABCDEFGH` → `ABCD EFGH`: four at a time are read from a screen and kept in mind. */
export function inFours(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1 ')
}
