/** What a year asks of members, who is asked for more or nothing, and where members stand. Hundredths of 学时. No I/O. */

import type { Failing } from './credit'
import { hoursText } from './hours'
import type { Named, Page } from './model'

export const POSITIONS = ['full', 'probationary', 'secretary', 'committee', 'candidate', 'activist', 'guest'] as const
export type Position = typeof POSITIONS[number]
export const TYPES = ['lesson', 'make_up', 'micro', 'outside', 'teaching'] as const
export type CreditType = typeof TYPES[number]
export const LOANS = ['apart', 'home', 'host'] as const
export type LoanCount = typeof LOANS[number]
export const ROLES = ['secretary', 'committee', 'exempt'] as const
export type StudyRoleKind = typeof ROLES[number]

export interface YearRule {
  id: string
  unit: Named
  name: string
  version: number
  since: string
  until: string | null
  targets: Partial<Record<Position, number>>
  caps: Partial<Record<CreditType, number>>
  carry_most_hundredths: number
  by_month: boolean
  loans: LoanCount
  made_by: { account_id: string, name: string }
  made_at: string
}
export type YearRuleDraft = Omit<YearRule, 'id' | 'unit' | 'version' | 'made_by' | 'made_at'> & { unit_id: string }

export interface StudyRole {
  id: string
  member: Named
  unit: Named
  role: StudyRoleKind
  since: string
  until: string | null
  holds: boolean
  reason: string
  by: string
  at: string
  ended_by: string
  ended_at: string | null
}
export type StudyRoles = Page<StudyRole>

export type StandingState = 'met' | 'short' | 'exempt' | 'unasked'
export interface Standing {
  year: number
  on: string
  member: Named
  unit: Named
  loan: Named | null
  place: 'counted' | 'lent' | 'borrowed'
  position: Position | null
  state: StandingState
  target: number | null
  months: number
  earned: number
  counted: number
  carried: number
  total: number
  short: number
  types: { type: CreditType, earned: number, counted: number, cap: number | null }[]
  rule: { id: string, name: string, version: number } | null
}
export interface Tally { met: number, short: number, exempt: number, unasked: number, lent: number, borrowed: number }

export interface RulePreview {
  lesson: { id: string, title: string }
  rule: { id: string, name: string, version: number } | null
  hundredths_before: number
  hundredths_after: number
  by: 'kind' | 'day' | 'half_day' | 'length' | null
  people: number
  passed_before: number
  passed_after: number
  late_before: number
  late_after: number
  more: number
  less: number
  items: { member: Named, unit: Named, before: number, after: number, failings_before: Failing[], failings_after: Failing[], by_person: boolean }[]
}
export interface Worth { hundredths: number | null, by: RulePreview['by'], rule: { id: string, name: string, version: number } | null }

/** A year rule as it is written in a form: 学时 as text, empty where nothing is asked or capped. */
export interface YearPlan {
  unitId: string
  name: string
  since: string
  until: string
  targets: Record<Position, string>
  caps: Record<CreditType, string>
  carry: string
  byMonth: boolean
  loans: LoanCount
}
export type YearFault = 'needName' | 'badDates' | 'badYear' | 'badHours' | 'needTarget'

const texts = <Key extends string>(keys: readonly Key[], from: Partial<Record<Key, number>>) =>
  Object.fromEntries(keys.map(key => [key, from[key] === undefined ? '' : hoursText(from[key])])) as Record<Key, string>

/** "3200" 学时 are more than any year has. */
export function yearHours(text: string): number | null {
  const match = /^(\d{1,4})(?:[.](\d{1,2}))?$/.exec(text.trim())
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : null
}

/** The next version of a rule, or the first: 32 and 56, as plans have it; from the first day of this year on. */
export function planOfYear(rule: YearRule | null, unitId: string, today: string): YearPlan {
  if (!rule) {
    const targets = texts(POSITIONS, { full: 3200, probationary: 3200, secretary: 5600, committee: 5600 })
    return { unitId, name: '', since: `${today.slice(0, 4)}-01-01`, until: '', targets, caps: texts(TYPES, {}), carry: '', byMonth: false, loans: 'apart' }
  }
  return {
    unitId: rule.unit.id, name: rule.name, since: rule.since < today ? today : next(rule.since), until: '', targets: texts(POSITIONS, rule.targets), caps: texts(TYPES, rule.caps),
    carry: rule.carry_most_hundredths ? hoursText(rule.carry_most_hundredths) : '', byMonth: rule.by_month, loans: rule.loans,
  }
}

function next(day: string): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + 1)
  return at.toISOString().slice(0, 10)
}

export function faultsOfYear(plan: YearPlan, today: string): Partial<Record<'name' | 'dates' | 'targets' | 'caps' | 'carry', YearFault>> {
  const written = (text: string) => text.trim() === '' || yearHours(text) !== null
  const all = Object.values(plan.targets)
  return {
    ...(plan.name.trim() === '' ? { name: 'needName' as const } : {}),
    ...(plan.since === '' || (plan.until !== '' && plan.until <= plan.since) ? { dates: 'badDates' as const } : plan.since.slice(0, 4) < today.slice(0, 4) ? { dates: 'badYear' as const } : {}),
    ...(!all.every(written) ? { targets: 'badHours' as const } : all.every(text => text.trim() === '') ? { targets: 'needTarget' as const } : {}),
    ...(Object.values(plan.caps).every(written) ? {} : { caps: 'badHours' as const }),
    ...(written(plan.carry) ? {} : { carry: 'badHours' as const }),
  }
}

/** Only for a plan without faults. */
export function draftOfYear(plan: YearPlan): YearRuleDraft {
  const amounts = (from: Record<string, string>) => Object.fromEntries(Object.entries(from).filter(([, text]) => text.trim() !== '').map(([key, text]) => [key, yearHours(text) ?? 0]))
  return {
    unit_id: plan.unitId, name: plan.name.trim(), since: plan.since, until: plan.until || null, targets: amounts(plan.targets), caps: amounts(plan.caps),
    carry_most_hundredths: yearHours(plan.carry) ?? 0, by_month: plan.byMonth, loans: plan.loans,
  }
}
