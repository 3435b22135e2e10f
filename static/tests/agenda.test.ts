import { describe, expect, test } from 'vitest'
import { agenda, nextCard } from '@/protocol/agenda'
import type { CreditRule } from '@/protocol/credit'
import type { LessonLogEvent, Question, Quiz } from '@/protocol/model'
import { overlayShows, phaseOf } from '@/protocol/overlay'
import { draftOfRule, emptyRule, faultsOfRule, planOfRule, standingOf, USUAL_TERMS } from '@/protocol/rule'
import { flagsOf } from '@/session/flags'

const options = [{ id: 'a', text: '甲' }, { id: 'b', text: '乙' }]
const question = (over: Partial<Question> = {}): Question => ({ id: 'k1', position: 1, kind: 'single', text: '题一', options, correct: ['a'], explanation: '', seconds: 60, version: 1, ...over })
const quiz = (over: Partial<Quiz> = {}): Quiz => ({
  id: 'q1', lesson_id: 'l', question_id: 'k1', number: 1, kind: 'single', text: '题一', options: [{ id: 'x', text: '甲' }, { id: 'y', text: '乙' }], seconds: 60, launched_at: '2026-11-22T01:00:00Z',
  deadline_at: '2026-11-22T01:01:00Z', closed_at: null, server_time: '2026-11-22T01:00:00Z', my_choice: null, answered: null, expected: null, result: null, ...over,
})
const closed = '2026-11-22T01:01:00Z'

describe('the run of show', () => {
  const [one, two, three] = [question(), question({ id: 'k2', position: 2, text: '题二' }), question({ id: 'k3', position: 3, text: '题三' })]

  test('questions stand in their order, each with what became of it', () => {
    const cards = agenda([two, one, three], [quiz({ closed_at: closed }), quiz({ id: 'q2', question_id: 'k2', number: 2, text: '题二' })])
    expect(cards.map(card => [card.key, card.quiz?.id ?? null, card.state])).toEqual([['k1', 'q1', 'closed'], ['k2', 'q2', 'running'], ['k3', null, 'prepared']])
  })

  test('asked twice, the later one counts for the card', () => {
    const cards = agenda([one], [quiz({ closed_at: closed }), quiz({ id: 'q2', number: 2 })])
    expect(cards.map(card => [card.key, card.quiz?.id])).toEqual([['q1', 'q1'], ['k1', 'q2']])
  })

  test('of two questions with the same words each has its own', () => {
    const cards = agenda([one, question({ id: 'k4', position: 2 })], [quiz({ question_id: 'k4' })])
    expect(cards.map(card => [card.key, card.state])).toEqual([['k1', 'prepared'], ['k4', 'running']])
  })

  test('what was launched from a question that was rewritten since stands by itself', () => {
    const cards = agenda([question({ text: '改过' })], [quiz({ closed_at: closed })])
    expect(cards.map(card => [card.key, card.question?.id ?? null, card.state])).toEqual([['q1', null, 'closed'], ['k1', 'k1', 'prepared']])
  })

  test('next is the first one after the last that was asked, then those that were left out', () => {
    expect(nextCard(agenda([one, two, three], []))?.key).toBe('k1')
    expect(nextCard(agenda([one, two, three], [quiz({ question_id: 'k2', text: '题二', closed_at: closed })]))?.key).toBe('k3')
    expect(nextCard(agenda([one, two], [quiz({ question_id: 'k2', text: '题二', closed_at: closed })]))?.key).toBe('k1')
    expect(nextCard(agenda([one], [quiz()]))).toBeNull()
  })
})

describe('the question on a hall\'s screen', () => {
  const at = (minutes: number) => Date.parse(closed) + minutes * 60_000
  test('shows while it runs and three minutes of explaining', () => {
    expect(overlayShows(null, null, 0)).toBe(false)
    expect(overlayShows(quiz(), null, at(60))).toBe(true)
    expect([2, 4].map(minutes => overlayShows(quiz({ closed_at: closed }), null, at(minutes)))).toEqual([true, false])
  })
  test('the operator\'s word holds for this phase only', () => {
    const away = { phase: phaseOf(quiz()), shown: false }
    expect(overlayShows(quiz(), away, at(0))).toBe(false)
    expect(overlayShows(quiz({ closed_at: closed }), away, at(0))).toBe(true)
    expect(overlayShows(quiz({ round: 2 }), away, at(0)), 'opened again').toBe(true)
    expect(overlayShows(quiz({ closed_at: closed }), { phase: phaseOf(quiz({ closed_at: closed })), shown: true }, at(30))).toBe(true)
  })
})

describe('a credit rule in its form', () => {
  const terms = { ...USUAL_TERMS, days: 7, right_percent: null }
  const rule: CreditRule = { id: 'r', unit: { id: 'u', name: '党委' }, name: '集中学习', version: 2, since: '2026-01-01', until: null, late_after_minutes: 10, least_present_percent: 80, least_answered_percent: 60, least_right_percent: null, left_early_minutes: 10, checks: 2, checks_in_rooms: false, least_checks_percent: 50, make_up: terms, micro: null }
  test('the next version takes the thresholds over and begins today', () => {
    expect(draftOfRule(planOfRule(rule, '2026-11-22'))).toEqual({ unit_id: 'u', name: '集中学习', since: '2026-11-22', until: null, late_after_minutes: 10, least_present_percent: 80, least_answered_percent: 60, least_right_percent: null, left_early_minutes: 10, checks: 2, checks_in_rooms: false, least_checks_percent: 50, make_up: terms, micro: null, quiz: null, worth: null, teaching_percent: null })
  })
  test('what is missing or wild is told', () => {
    expect(faultsOfRule({ ...emptyRule('u', '2026-11-22'), name: '甲' })).toEqual({})
    expect(faultsOfRule({ ...emptyRule('u', '2026-11-22'), until: '2026-11-22', present: 101, answered: '1e1', right: '-1', late: 0.5 }))
      .toEqual({ name: 'needName', dates: 'badDates', present: 'badPercent', answered: 'badPercent', right: 'badPercent', late: 'badLate' })
  })
  test('it ends on its last day, which is no longer its own', () => {
    const held = { since: '2026-01-01', until: '2026-11-22' }
    expect(['2025-12-31', '2026-01-01', '2026-11-21', '2026-11-22'].map(day => standingOf(held, day))).toEqual(['later', 'now', 'now', 'over'])
  })
})

test('flags are shown until somebody looked, newest first, unknown reasons in general words', () => {
  const flag = (seq: number, data: Record<string, unknown>): LessonLogEvent => ({ seq, at: closed, kind: 'sign_in.flagged', data })
  const log = [flag(3, { reason: 'device_taken', member_name: '甲', venue: '一号厅' }), flag(5, { reason: 'something_new' }), flag(4, { reason: 'proof_used', member_name: '乙', venue: null }), { seq: 6, at: closed, kind: 'stage.taken', data: {} }]
  expect(flagsOf(log, [3]).map(one => [one.seq, one.reason, one.name, one.venue])).toEqual([[5, 'other', '', ''], [4, 'proof_used', '乙', '']])
})
