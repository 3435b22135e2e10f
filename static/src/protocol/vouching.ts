/** 请假: shapes of docs/protocol.md, section 4, outside of the first page. No I/O. */

import type { AttendanceStanding, LeaveState, LessonLogEvent, Named, SignIn, SignInWay } from './model'

export interface Leave {
  id: string
  lesson_id: string
  member: Named
  unit: Named
  reason: string
  state: LeaveState
  asked_at: string
  /** Taken down by a secretary. */
  by_other: boolean
  decided_at: string | null
  decided_by: { account_id: string, name: string } | null
  answer: string
}

/** Where a member is expected; null is by phone. `options` while it is `open`. */
export interface PlaceOption { lesson_venue: Named | null, seats: number | null, expected: number, full: boolean }
export interface Place { place: Named | null, chosen: boolean, given: boolean, open: boolean, options: PlaceOption[] }

/** One that was asked; `confirmed` by whoever reads it. */
export interface PresenceCheck {
  id: string
  number: number
  asked_at: string
  deadline_at: string
  closed: boolean
  counts: boolean
  in_rooms: boolean
  confirmed: boolean
  answered: number | null
}

export type Asked = Pick<PresenceCheck, 'id' | 'number' | 'deadline_at' | 'in_rooms'>

/** Of an event `check.asked`; null: of another kind. */
export function askedBy(event: LessonLogEvent): Asked | null {
  if (event.kind !== 'check.asked') return null
  const { check_id: id, number, deadline_at: deadline, in_rooms: rooms } = event.data
  return { id: String(id), number: Number(number), deadline_at: String(deadline), in_rooms: rooms === true }
}

/** Whether this member is asked: signed in, and by phone unless rooms are asked, too. */
export function asks(check: Asked, signIn: SignIn | null | undefined): boolean {
  return Boolean(signIn) && (check.in_rooms || (signIn?.lesson_venue_id ?? null) === null)
}

export type Level = 'strong' | 'fair' | 'weak'
export type Finding = 'confirmed' | 'dismissed'
export interface Doubtful {
  member: Named
  unit: Named
  /** null: a trace of somebody who is not signed in. */
  signed_in_at: string | null
  way: SignInWay | null
  level: Level | null
  doubts: { code: string, text: string, text_en: string }[]
  at_network: boolean | null
  latency_ms: number | null
  present_percent: number | null
  checks: number
  confirmed: number
  finding: { outcome: Finding, reason: string, by: string, at: string } | null
  open: boolean
}
export interface VenueNetwork { venue_id: string, name: string, networks: string[], shares_device: boolean }

interface By { account_id: string, name: string }
export interface Correction {
  id: string
  number: number
  member: Named
  unit: Named
  before: AttendanceStanding
  after: AttendanceStanding
  reason: string
  state: 'waiting' | 'holds' | 'declined'
  asked_by: By
  asked_at: string
  decided_by: By | null
  decided_at: string | null
  answer: string
}
/** `by_two`: a new one waits for a second person. */
export interface Corrections { items: Correction[], by_two: boolean }

/** Thousandths as a hall reads them; null: a share of nothing. */
export function rateText(permille: number | null): string {
  if (permille === null) return '–'
  return permille % 10 === 0 ? String(permille / 10) : (permille / 10).toFixed(1)
}
