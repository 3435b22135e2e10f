/** A year's rule as it is written in its form, without the form. */
import { describe, expect, it } from 'vitest'
import { draftOfYear, faultsOfYear, LOANS, planOfYear, POSITIONS, TYPES, yearHours, type YearPlan, type YearRule } from '@/protocol/years'

const TODAY = '2026-03-09'
const RULE: YearRule = {
  id: 'r1', unit: { id: 'u1', name: '某集团党委' }, name: '年度学时要求', version: 3, since: '2025-01-01', until: null,
  targets: { full: 3200, secretary: 5650 }, caps: { outside: 800, micro: 425 }, carry_most_hundredths: 800, by_month: true, loans: 'host',
  made_by: { account_id: 'a1', name: '管理员' }, made_at: '2025-01-01T00:00:00Z',
}
const plan = (change: Partial<YearPlan> = {}): YearPlan => ({ ...planOfYear(null, 'u1', TODAY), name: '年度学时要求', ...change })

describe('the plan of a year', () => {
  it('starts with 32 and 56 from the first day of this year on, uncapped, nothing carried', () => {
    const first = planOfYear(null, 'u1', TODAY)
    expect([first.unitId, first.name, first.since, first.until]).toEqual(['u1', '', '2026-01-01', ''])
    expect(first.targets).toEqual({ full: '32', probationary: '32', secretary: '56', committee: '56', candidate: '', activist: '', guest: '' })
    expect(Object.values(first.caps)).toEqual(TYPES.map(() => ''))
    expect([first.carry, first.byMonth, first.loans]).toEqual(['', false, LOANS[0]])
  })
  it('of a new version says what the former said, from today on', () => {
    const next = planOfYear(RULE, 'elsewhere', TODAY)
    expect([next.unitId, next.name, next.since, next.until]).toEqual(['u1', '年度学时要求', TODAY, ''])
    expect([next.targets.full, next.targets.secretary, next.targets.committee]).toEqual(['32', '56.5', ''])
    expect([next.caps.outside, next.caps.micro, next.caps.lesson]).toEqual(['8', '4.25', ''])
    expect([next.carry, next.byMonth, next.loans]).toEqual(['8', true, 'host'])
  })
  it('of one that begins today or later begins a day after it, over the end of months and years', () => {
    const starts = [TODAY, '2026-12-31', '2028-02-28'].map(since => planOfYear({ ...RULE, since }, 'u1', TODAY).since)
    expect(starts).toEqual(['2026-03-10', '2027-01-01', '2028-02-29'])
  })
})

describe('what is wrong with it', () => {
  it('is nothing when it has a name, a year that is not over and one target', () => {
    expect(faultsOfYear(plan(), TODAY)).toEqual({})
    expect(faultsOfYear(plan({ until: '2026-01-02', carry: '0', caps: { ...plan().caps, outside: '8.25' } }), TODAY)).toEqual({})
  })
  it('is a name of blanks, and dates that are missing, turned round, or of a year that is over', () => {
    expect(faultsOfYear(plan({ name: '  ' }), TODAY)).toEqual({ name: 'needName' })
    expect(faultsOfYear(plan({ since: '' }), TODAY)).toEqual({ dates: 'badDates' })
    expect(faultsOfYear(plan({ until: '2026-01-01' }), TODAY)).toEqual({ dates: 'badDates' })
    expect(faultsOfYear(plan({ since: '2025-12-31' }), TODAY)).toEqual({ dates: 'badYear' })
  })
  it('is a target, cap or carry that is no amount, and no target at all', () => {
    const none = Object.fromEntries(POSITIONS.map(one => [one, ' '])) as YearPlan['targets']
    expect(faultsOfYear(plan({ targets: none }), TODAY)).toEqual({ targets: 'needTarget' })
    expect(faultsOfYear(plan({ targets: { ...none, full: '三十二' } }), TODAY)).toEqual({ targets: 'badHours' })
    expect(faultsOfYear(plan({ caps: { ...plan().caps, micro: '-1' } }), TODAY)).toEqual({ caps: 'badHours' })
    expect(faultsOfYear(plan({ carry: '1.234' }), TODAY)).toEqual({ carry: 'badHours' })
  })
})

describe('the draft that is sent', () => {
  it('has hundredths where something is written, 0 too, and nothing where nothing is', () => {
    const draft = draftOfYear(plan({ name: ' 要求 ', targets: { ...plan().targets, probationary: '', committee: '0', guest: ' 0.5 ' }, caps: { ...plan().caps, outside: '8' } }))
    expect([draft.name, draft.until, draft.carry_most_hundredths]).toEqual(['要求', null, 0])
    expect(draft.targets).toEqual({ full: 3200, secretary: 5600, committee: 0, guest: 50 })
    expect(draft.caps).toEqual({ outside: 800 })
  })
  it('of a version that nobody changed asks the very same again', () => {
    const { unit, targets, caps, carry_most_hundredths, by_month, loans, name } = RULE
    expect(draftOfYear(planOfYear(RULE, '', TODAY))).toEqual({ unit_id: unit.id, name, since: TODAY, until: null, targets, caps, carry_most_hundredths, by_month, loans })
  })
})

it('an amount has at most two decimals, and none is ever rounded', () => {
  expect(['0', '9999.99', ' 4.5 ', '0.07'].map(yearHours)).toEqual([0, 999999, 450, 7])
  expect(['', '.5', '10000', '1.005', '１', '4,5', '-1'].map(yearHours)).toEqual(Array(7).fill(null))
})
