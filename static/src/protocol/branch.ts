/** 未到名单 and 签到表: shapes of docs/protocol.md, section 4, outside of the first page. No I/O. */

import type { AttendanceStanding, LeaveState, MemberKind, Named, SignInWay } from './model'

/** `phone`: masked. `own`: whoever reads it, for whom another vouches. */
export interface Missing {
  member_id: string
  name: string
  number: string | null
  kind: MemberKind
  unit: Named
  lesson_venue_id: string | null
  place: string
  loan_unit: Named | null
  leave: LeaveState | null
  phone: string | null
  own: boolean
}

interface Rates { of_expected: number | null, of_due: number | null }
export interface SheetFigures { expected: number, added: number, present: number, late: number, left_early: number, on_leave: number, absent: number, assisted: number, rates: Rates }
export interface SheetLine {
  member_id: string
  name: string
  number: string
  kind: MemberKind
  unit_id: string
  unit: string
  standing: AttendanceStanding
  at: string | null
  way: SignInWay | null
  place: string
  reason: string
  added: boolean
  corrected: boolean
  loan: string
}
export interface SheetBody {
  unit_id: string
  unit: string
  places: string[]
  total: SheetFigures
  kinds: { kind: MemberKind, figures: SheetFigures }[]
  loans: SheetFigures
  units: { unit_id: string, unit: string, figures: SheetFigures }[]
  lines: SheetLine[]
}
export interface Sheet {
  id: string
  unit: Named
  version: number
  digest: string
  why: string
  confirmed_by: { account_id: string, name: string }
  confirmed_at: string
  superseded_by: number | null
  redacted_at: string | null
}
export interface SheetDraft { body: SheetBody, digest: string, changed: boolean, may_confirm: boolean, code: string | null, versions: Sheet[] }
export interface SheetUnit { unit: Named, expected: number, added: number, present: number, missing: number, on_leave: number, rates: Rates, may_confirm: boolean, sheet_id: string | null, version: number | null }

/** The sheets of a unit and of all below it, a file for each, in one archive: long work. */
export interface SheetBundle {
  id: string
  unit: Named
  format: 'xlsx' | 'pdf'
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number
  created_at: string
  expires_at: string | null
  bytes: number
  text: string | null
  text_en: string | null
}

/** What may be pressed: nothing, a first confirmation, or one that supersedes. */
export function confirmation(draft: SheetDraft, reasonsChanged: boolean): 'none' | 'first' | 'again' {
  if (!draft.may_confirm || draft.code !== null) return 'none'
  if (!draft.versions.length) return 'first'
  return draft.changed || reasonsChanged ? 'again' : 'none'
}

/** Why somebody is absent, as far as it was written; blanks are none. */
export function writtenReasons(lines: readonly SheetLine[], words: ReadonlyMap<string, string>): { member_id: string, reason: string }[] {
  return lines.filter(line => line.standing === 'absent')
    .map(line => ({ member_id: line.member_id, reason: (words.get(line.member_id) ?? line.reason).trim() }))
    .filter(one => one.reason !== '')
}

/** Whether what was written says other than the sheet. */
export function reasonsDiffer(lines: readonly SheetLine[], words: ReadonlyMap<string, string>): boolean {
  return lines.some(line => line.standing === 'absent' && words.has(line.member_id) && (words.get(line.member_id) ?? '').trim() !== line.reason)
}

/** 13800010001 → 138 0001 0001; others as they are. */
export function spaced(phone: string): string {
  return /^1\d{10}$/.test(phone) ? `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}` : phone
}
