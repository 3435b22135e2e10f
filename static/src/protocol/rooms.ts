/** Operators of rooms (docs/protocol.md, Operators): what the calls answer with, and days as people say them. */

import type { DirectorNotice, Help, LessonState, Named, Part } from './model'

export type OperatorState = 'current' | 'coming' | 'former'

/** `until`: the first day without. */
export interface Operator {
  id: string
  account_id: string
  name: string
  number: string
  unit: Named | null
  since: string
  until: string | null
  state: OperatorState
  disabled: boolean
  by: Named
  at: string
  ended_by: Named | null
  ended_at: string | null
}

export interface Operators { today: string, items: Operator[], may_appoint: boolean }
export interface Candidate { account_id: string, name: string, number: string, unit: Named | null }

export interface RoomLesson { lesson_id: string, lesson_venue_id: string, title: string, state: LessonState, starts_at: string, ends_at: string, part: Part, media: boolean, kiosk: boolean }
export interface MyRoom { venue_id: string, name: string, room: string, seats: number, unit: Named, since: string, until: string | null, today: boolean, lessons: RoomLesson[] }

export interface RoomRoll { number: number, running: boolean, called: boolean, answered_at: string | null, result: string | null }
export interface RoomNow { lesson_venue_id: string, name: string, state: LessonState, online: boolean, kiosk: boolean, roll: RoomRoll | null }

/** Who might have come to a room without being expected there (docs/protocol.md, walk-ins). */
export interface WalkIn {
  member_id: string
  name: string
  number: string | null
  unit: Named
  on_roster: boolean
  lesson_venue_id: string | null
  signed_in_at: string | null
  signed_in_venue_id: string | null
  own: boolean
}
export interface WalkIns { items: WalkIn[], more: boolean }

/** What there is to say of one: nobody signs in himself, and the first sign-in stands. */
export function walkInState(one: WalkIn, room: string): 'own' | 'signed' | 'here' | 'elsewhere' | 'unlisted' {
  if (one.own) return 'own'
  if (one.signed_in_at !== null) return 'signed'
  if (!one.on_roster) return 'unlisted'
  return one.lesson_venue_id === room ? 'here' : 'elsewhere'
}

/** Who sits in a room and has not answered. */
export interface HelpedMember { member: Named, number: string | null, unit: Named }
export interface HelpedPage { quiz_id: string, waiting: number, items: HelpedMember[], next_cursor: string | null }

const DAY_MS = 86_400_000

/** `2026-11-30` and 1 → `2026-12-01`. Plain days: no clock and no zone has a part in it. */
export function dayOffset(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** People say the last day that counts, the record keeps the first that does not. */
export const lastDay = (until: string): string => dayOffset(until, -1)

/** What is left empty is the server's to say: its day counts, never the browser's. */
export const dayOrNull = (typed: string): string | null => typed.trim() || null

/** What the form asks for: a last day that was typed becomes the day after it. */
export const wantedDays = (since: string, last: string): { since: string | null, until: string | null } =>
  ({ since: dayOrNull(since), until: dayOrNull(last) === null ? null : dayOffset(last, 1) })

/** It held on no day: begun and ended on the same one. */
export const heldAtAll = (one: Pick<Operator, 'since' | 'until'>): boolean => one.until === null || one.since < one.until

/** Why the days that were typed do not fit; null: they do. */
export function daysWrong(since: string, last: string, today: string): 'past' | 'order' | null {
  const from = dayOrNull(since) ?? today
  if (from < today) return 'past'
  return dayOrNull(last) !== null && last < from ? 'order' : null
}

/** What the room has to do with the director now: its open call, and the first notice that nobody there has read. */
export interface Contact { call: Help | null, notice: DirectorNotice | null }

/** Somebody who teaches the lesson or operates several rooms of it sees other calls, too. */
export const contactOf = (helps: readonly Help[], notices: readonly DirectorNotice[], room: string): Contact => ({
  call: helps.find(one => one.lesson_venue_id === room && one.state !== 'closed') ?? null,
  notice: notices.filter(one => !one.mine).at(-1) ?? null,
})
