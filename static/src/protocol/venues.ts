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
  address: string
}

/** Which screen shows a code; `within`: its address is of the venue's networks, null: none are set. */
export interface WaitingScreen { browser: string, address: string, shown_at: string, within: boolean | null }

export interface Fetched { me: Me | null }

/** `ABCDEFGH` → `ABCD EFGH`: four at a time are read from a screen and kept in mind. */
export function inFours(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1 ')
}

export interface RegistryVenue {
  id: string
  name: string
  unit: Named
  room: string
  seats: number
  notes: string
  retired: boolean
  version: number
  networks: string[]
  shares_device: boolean
  devices: number
  operators: { account_id: string, name: string, number: string, assigned: boolean }[]
  may_edit: boolean
  may_pair: boolean
  may_appoint: boolean
}

export type VenueChangeKind = 'added' | 'changed' | 'retired' | 'restored' | 'network' | 'device_paired' | 'device_revoked' | 'operator_assigned' | 'operator_ended' | 'operator_withdrawn'
/** `facts`: `{field: [before, after]}`; of what was added and of devices a name. */
export interface VenueChange { at: string, by: Named, kind: VenueChangeKind, facts: Record<string, unknown> }
export interface VenueDraft { name: string, room: string, seats: number, notes: string }
export interface VenueQuery { q?: string, unit_id?: string, retired?: string }

/** What a field became, as people read it; null: it is told elsewhere. */
export function shownFact(value: unknown): string {
  if (Array.isArray(value)) return value.join('、') || '–'
  return value === '' || value === null || value === undefined ? '–' : String(value)
}
