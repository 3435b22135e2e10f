/** A credit rule as it is written in a form. Days are `YYYY-MM-DD`, shares whole percents. No I/O. */

import type { MakeUpTerms } from './makeup'
import { USUAL_MICRO, type MicroTerms } from './micro'
import type { QuizTerms, WorthTerms } from './credit'
import { hoursText, hundredthsOf } from './hours'
import type { CreditRule, CreditRuleDraft } from './credit'
import type { LessonKind } from './model'

export interface RulePlan {
  unitId: string
  name: string
  since: string
  until: string // empty: open
  present: number
  late: number
  answered: string // empty: does not count
  right: string
  early: string // empty: only a mark says it
  checks: number
  rooms: boolean
  leastChecks: string
  /** 补学, whether or not it is offered. */
  makesUp: boolean
  makeUp: MakeUpTerms
  /** 微视频, whether or not they give credit. */
  countsMicro: boolean
  micro: MicroTerms
  /** 答题加权. */
  weighs: boolean
  quiz: QuizTerms
  /** 授课: how many times the lesson's 学时; empty: nothing. */
  teaching: string
  /** 核定学时 by kind or length. */
  values: boolean
  worth: WorthPlan
}

/** In 学时 as people write them; empty: the rule does not say. */
export interface WorthPlan {
  kinds: Partial<Record<LessonKind, string>>
  minutes: string
  step: number
  halfMinutes: string
  half: string
  dayMinutes: string
  day: string
}
export const USUAL_QUIZ: QuizTerms = { answered_weight: 40, right_weight: 60, least_percent: 60 }
export const USUAL_TERMS: MakeUpTerms = { days: 14, watched_percent: 90, right_percent: 60, attempts: 3, pause_minutes: 10, credit_percent: 100, late: true, left_early: true, on_leave: true, most_rate_percent: 200, marked_percent: null }
export type RuleFault = 'needName' | 'badDates' | 'badPercent' | 'badLate' | 'badEarly' | 'badChecks' | 'badTerms' | 'badMicro' | 'badQuiz' | 'badTeaching' | 'badWorth'
type RuleField = 'name' | 'dates' | 'present' | 'late' | 'answered' | 'right' | 'early' | 'checks' | 'leastChecks' | 'makeUp' | 'micro' | 'quiz' | 'teaching' | 'worth'
const MOST_CHECKS = 10

export function emptyRule(unitId: string, today: string): RulePlan {
  return { unitId, name: '', since: today, until: '', present: 80, late: 10, answered: '', right: '', early: '10', checks: 0, rooms: false, leastChecks: '', makesUp: true, makeUp: { ...USUAL_TERMS }, countsMicro: true, micro: { ...USUAL_MICRO }, weighs: false, quiz: { ...USUAL_QUIZ }, teaching: '', values: false, worth: worthOf(null) }
}

/** The next version of a rule: the same thresholds, from today. */
export function planOfRule(rule: CreditRule, today: string): RulePlan {
  const text = (value: number | null) => value === null ? '' : String(value)
  return {
    unitId: rule.unit.id, name: rule.name, since: rule.since > today ? rule.since : today, until: rule.until !== null && rule.until > today ? rule.until : '',
    present: rule.least_present_percent, late: rule.late_after_minutes, answered: text(rule.least_answered_percent), right: text(rule.least_right_percent),
    early: text(rule.left_early_minutes), checks: rule.checks, rooms: rule.checks_in_rooms, leastChecks: text(rule.least_checks_percent),
    makesUp: rule.make_up !== null, makeUp: { ...(rule.make_up ?? USUAL_TERMS) },
    countsMicro: rule.micro !== null, micro: { ...(rule.micro ?? USUAL_MICRO) },
    weighs: Boolean(rule.quiz), quiz: { ...(rule.quiz ?? USUAL_QUIZ) }, teaching: rule.teaching_percent ? hoursText(rule.teaching_percent) : '',
    values: Boolean(rule.worth), worth: worthOf(rule.worth ?? null),
  }
}

function worthOf(terms: WorthTerms | null): WorthPlan {
  if (!terms) return { kinds: {}, minutes: '45', step: 25, halfMinutes: '', half: '', dayMinutes: '', day: '' }
  const kinds = Object.fromEntries(Object.entries(terms.kinds).map(([kind, value]) => [kind, hoursText(value)]))
  const text = (value: number | null) => value === null ? '' : String(value)
  const hours = (minutes: number | null, value: number) => minutes === null ? '' : hoursText(value)
  return { kinds, minutes: text(terms.credit_minutes), step: terms.step_hundredths, halfMinutes: text(terms.half_day_minutes), half: hours(terms.half_day_minutes, terms.half_day_hundredths), dayMinutes: text(terms.day_minutes), day: hours(terms.day_minutes, terms.day_hundredths) }
}

function termsOfWorth(plan: WorthPlan): WorthTerms {
  const number = (text: string) => text.trim() === '' ? null : Number(text)
  const kinds = Object.fromEntries(Object.entries(plan.kinds).filter(([, text]) => text.trim() !== '').map(([kind, text]) => [kind, hundredthsOf(text) ?? 0]))
  return { kinds, credit_minutes: number(plan.minutes), step_hundredths: plan.step, half_day_minutes: number(plan.halfMinutes), half_day_hundredths: hundredthsOf(plan.half) ?? 0, day_minutes: number(plan.dayMinutes), day_hundredths: hundredthsOf(plan.day) ?? 0 }
}

function isWorth(plan: WorthPlan): boolean {
  const within = (text: string, least: number, most: number) => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most
  const pair = (minutes: string, hours: string) => (minutes.trim() === '' && hours.trim() === '') || (within(minutes, 30, 1440) && hundredthsOf(hours) !== null)
  const inOrder = plan.halfMinutes.trim() === '' || plan.dayMinutes.trim() === '' || Number(plan.halfMinutes) < Number(plan.dayMinutes)
  return Object.values(plan.kinds).every(text => text.trim() === '' || hundredthsOf(text) !== null) && (plan.minutes.trim() === '' || within(plan.minutes, 15, 240)) && isCount(plan.step - 1, 99) && pair(plan.halfMinutes, plan.half) && pair(plan.dayMinutes, plan.day) && inOrder
}

function isQuiz(terms: QuizTerms): boolean {
  return isPercent(terms.answered_weight) && isPercent(terms.right_weight) && terms.answered_weight + terms.right_weight > 0 && isPercent(terms.least_percent) && terms.least_percent > 0
}

/** "3" times is 300 %; up to five times. */
const isTeaching = (text: string) => text.trim() === '' || ((hundredthsOf(text) ?? 0) >= 1 && (hundredthsOf(text) ?? 0) <= 500)

const isPercent = (value: number) => Number.isInteger(value) && value >= 0 && value <= 100
const isWritten = (text: string) => text.trim() === '' || (/^\d{1,3}$/.test(text.trim()) && isPercent(Number(text)))

const isCount = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most

const isRate = (value: number) => isCount(value - 100, 100)

function isTerms(terms: MakeUpTerms): boolean {
  const share = (value: number) => isPercent(value) && value > 0
  const counts = isCount(terms.days - 1, 365) && isCount(terms.attempts - 1, 19) && isCount(terms.pause_minutes, 1440)
  return counts && share(terms.watched_percent) && (terms.right_percent === null || share(terms.right_percent)) && isPercent(terms.credit_percent) && (terms.marked_percent === null || share(terms.marked_percent)) && isRate(terms.most_rate_percent)
}

function isMicro(terms: MicroTerms): boolean {
  const worth = [terms.short_hundredths, terms.middle_hundredths, terms.long_hundredths, terms.test_hundredths]
  const lengths = isCount(terms.short_minutes - 1, 599) && isCount(terms.long_minutes - 1, 599) && terms.short_minutes < terms.long_minutes
  const tries = isCount(terms.attempts - 1, 19) && isCount(terms.pause_minutes, 1440) && isRate(terms.most_rate_percent)
  return lengths && tries && worth.every(one => isCount(one, 1000)) && terms.watched_percent > 0 && isPercent(terms.watched_percent) && terms.right_percent > 0 && isPercent(terms.right_percent)
}

export function faultsOfRule(plan: RulePlan): Partial<Record<RuleField, RuleFault>> {
  const checked: [RuleField, boolean, RuleFault][] = [
    ['name', plan.name.trim() !== '', 'needName'],
    ['dates', plan.since !== '' && (plan.until === '' || plan.until > plan.since), 'badDates'],
    ['present', isPercent(plan.present), 'badPercent'],
    ['answered', isWritten(plan.answered), 'badPercent'],
    ['right', isWritten(plan.right), 'badPercent'],
    ['late', isCount(plan.late, 120), 'badLate'],
    ['early', /^(\s*|[1-9]\d{0,2})$/.test(plan.early), 'badEarly'],
    ['checks', isCount(plan.checks, MOST_CHECKS), 'badChecks'],
    ['leastChecks', isWritten(plan.leastChecks), 'badPercent'],
    ['makeUp', !plan.makesUp || isTerms(plan.makeUp), 'badTerms'],
    ['micro', !plan.countsMicro || isMicro(plan.micro), 'badMicro'],
    ['quiz', !plan.weighs || isQuiz(plan.quiz), 'badQuiz'],
    ['teaching', isTeaching(plan.teaching), 'badTeaching'],
    ['worth', !plan.values || isWorth(plan.worth), 'badWorth'],
  ]
  return Object.fromEntries(checked.filter(([, right]) => !right).map(([field, , fault]) => [field, fault]))
}

/** Only for a plan without faults. */
export function draftOfRule(plan: RulePlan): CreditRuleDraft {
  const share = (text: string) => text.trim() === '' ? null : Number(text)
  return {
    unit_id: plan.unitId, name: plan.name.trim(), since: plan.since, until: plan.until || null, late_after_minutes: plan.late,
    least_present_percent: plan.present, least_answered_percent: share(plan.answered), least_right_percent: share(plan.right),
    left_early_minutes: share(plan.early), checks: plan.checks, checks_in_rooms: plan.rooms, least_checks_percent: share(plan.leastChecks),
    make_up: plan.makesUp ? plan.makeUp : null, micro: plan.countsMicro ? plan.micro : null,
    quiz: plan.weighs ? plan.quiz : null, worth: plan.values ? termsOfWorth(plan.worth) : null, teaching_percent: plan.teaching.trim() === '' ? null : hundredthsOf(plan.teaching),
  }
}

/** `until` is the first day on which it holds no longer. */
export function standingOf(rule: { since: string, until: string | null }, today: string): 'now' | 'later' | 'over' {
  if (rule.since > today) return 'later'
  return rule.until !== null && rule.until <= today ? 'over' : 'now'
}
