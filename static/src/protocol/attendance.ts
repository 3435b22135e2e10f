/** Attendance over many lessons: shapes of docs/protocol.md, and what a page makes of them. No I/O. */

import type { AttendanceStanding, MemberKind, Named, Rates } from './model'

export const BY = ['unit', 'member', 'venue', 'lesson'] as const
export type By = typeof BY[number]
export const LOANS = ['all', 'without', 'only'] as const
/** Members' kinds, in the order of the protocol. */
export const MEMBER_KINDS: MemberKind[] = ['full', 'probationary', 'candidate', 'activist', 'guest']

export interface AttendanceSum {
  expected: number
  came: number
  present: number
  late: number
  left_early: number
  on_leave: number
  absent: number
  rates: Rates
  /** Too few to speak of a share. */
  few: boolean
}

export interface ReportRow {
  id: string
  name: string
  lessons: number
  sum: AttendanceSum
  under: string | null
  depth: number
  unit: string
  at: string | null
}

export interface AttendanceReport {
  by: By
  since: string
  until: string
  lessons: number
  unsettled: number
  total: AttendanceSum
  items: ReportRow[]
  next_cursor: string | null
}

export interface AttendanceRecord {
  lesson: Named
  at: string
  member: Named
  number: string | null
  unit: Named
  kind: MemberKind
  on_loan: boolean
  place: string
  standing: AttendanceStanding
}

/** What can be asked for; an empty text asks for nothing. */
export interface ReportQuery { since: string, until: string, unit: string, lesson_kind: string, kind: string, loans: string }

/** The part of an address after `?`; what is empty is left out. */
export function asked(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null)
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()
}

/** Thousandths as people read them, one place after the point; null: not to be told. */
export function shareText(thousandths: number | null, few: boolean): string | null {
  return few || thousandths === null ? null : (thousandths / 10).toFixed(1)
}

/** What a bar of a unit is made of, in percent of those expected; null: too few. */
export function parts(sum: AttendanceSum): { came: number, leave: number, absent: number } | null {
  if (sum.few || sum.expected === 0) return null
  const of = (count: number) => Math.round(count * 1000 / sum.expected) / 10
  return { came: of(sum.came), leave: of(sum.on_leave), absent: of(sum.absent) }
}

/** The rows of one level to compare: those right below the highest, or the highest when there is nothing below it. */
export function level(rows: readonly ReportRow[]): ReportRow[] {
  const below = rows.filter(row => row.depth === 1)
  return below.length > 0 ? below : rows.filter(row => row.depth === 0)
}
