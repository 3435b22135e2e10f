/** A credit rule as it is written in a form. Days are `YYYY-MM-DD`, shares whole percents. No I/O. */

import type { CreditRule, CreditRuleDraft } from './model'

export interface RulePlan {
  unitId: string
  name: string
  since: string
  until: string // empty: open
  present: number
  late: number
  answered: string // empty: does not count
  right: string
}
export type RuleFault = 'needName' | 'badDates' | 'badPercent' | 'badLate'
type RuleField = 'name' | 'dates' | 'present' | 'late' | 'answered' | 'right'

export function emptyRule(unitId: string, today: string): RulePlan {
  return { unitId, name: '', since: today, until: '', present: 80, late: 10, answered: '', right: '' }
}

/** The next version of a rule: the same thresholds, from today. */
export function planOfRule(rule: CreditRule, today: string): RulePlan {
  const text = (value: number | null) => value === null ? '' : String(value)
  return {
    unitId: rule.unit.id, name: rule.name, since: rule.since > today ? rule.since : today, until: rule.until !== null && rule.until > today ? rule.until : '',
    present: rule.least_present_percent, late: rule.late_after_minutes, answered: text(rule.least_answered_percent), right: text(rule.least_right_percent),
  }
}

const isPercent = (value: number) => Number.isInteger(value) && value >= 0 && value <= 100
const isWritten = (text: string) => text.trim() === '' || (/^\d{1,3}$/.test(text.trim()) && isPercent(Number(text)))

export function faultsOfRule(plan: RulePlan): Partial<Record<RuleField, RuleFault>> {
  const faults: Partial<Record<RuleField, RuleFault>> = {}
  if (!plan.name.trim()) faults.name = 'needName'
  if (!plan.since || (plan.until !== '' && plan.until <= plan.since)) faults.dates = 'badDates'
  if (!isPercent(plan.present)) faults.present = 'badPercent'
  if (!isWritten(plan.answered)) faults.answered = 'badPercent'
  if (!isWritten(plan.right)) faults.right = 'badPercent'
  if (!Number.isInteger(plan.late) || plan.late < 0 || plan.late > 120) faults.late = 'badLate'
  return faults
}

/** Only for a plan without faults. */
export function draftOfRule(plan: RulePlan): CreditRuleDraft {
  const share = (text: string) => text.trim() === '' ? null : Number(text)
  return {
    unit_id: plan.unitId, name: plan.name.trim(), since: plan.since, until: plan.until || null, late_after_minutes: plan.late,
    least_present_percent: plan.present, least_answered_percent: share(plan.answered), least_right_percent: share(plan.right),
  }
}

/** `until` is the first day on which it holds no longer. */
export function standingOf(rule: { since: string, until: string | null }, today: string): 'now' | 'later' | 'over' {
  if (rule.since > today) return 'later'
  return rule.until !== null && rule.until <= today ? 'over' : 'now'
}
