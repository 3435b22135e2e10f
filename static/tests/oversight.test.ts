import { describe, expect, it } from 'vitest'
import { daysAfter, draftOf, missingWay, namesOf } from '@/protocol/oversight'
import { fileOf, ratio } from '@/protocol/yearunits'

describe('an address that asks for an overseen item', () => {
  it('fills in unit, subject and text, and no longer a text than the server takes', () => {
    const made = draftOf({ for: 'u1', subject: 'credit', text: '长'.repeat(600) }, '2026-03-09')
    expect([made.unit_id, made.subject, made.text.length, made.due_on]).toEqual(['u1', 'credit', 500, '2026-03-09'])
  })
  it('takes nothing that is no subject, and no list', () => {
    expect(draftOf({ for: ['a', 'b'], subject: 'punish' }, '2026-03-09')).toEqual({ unit_id: '', subject: 'missing', text: '', due_on: '2026-03-09' })
  })
})

it('days go over the ends of months and years', () => {
  expect([daysAfter('2026-02-27', 2), daysAfter('2026-12-31', 1), daysAfter('2028-02-28', 1)]).toEqual(['2026-03-01', '2027-01-01', '2028-02-29'])
})

it('a year of a unit names what it is of, and its ratio has one decimal', () => {
  expect(fileOf('u 1', '', 'pdf')).toBe('/api/v1/credit-standings/export?unit=u+1&format=pdf')
  expect([ratio(1000), ratio(857)]).toEqual(['100.0', '85.7'])
})

describe('names of who is missing', () => {
  const roles = [{ role: 'secretary', unit_id: 'own' }, { role: 'director', unit_id: 'root' }]
  const below = new Set(['below'])
  it('are there for the own units and those below, for all to who settles, for nobody else', () => {
    const secretary = namesOf({ may: ['board', 'vouch'] }, roles, below)
    expect(['own', 'below', 'beside', 'root'].map(secretary)).toEqual([true, true, false, false])
    expect(namesOf({ may: ['board', 'vouch', 'settle'] }, [], new Set())('beside')).toBe(true)
    expect(namesOf({ may: ['board'] }, roles, below)('own')).toBe(false)
  })
  it('are found by an address that leads back', () => {
    expect([missingWay('l1', 'u 1'), missingWay('l1')]).toEqual(['/branch/l1?view=missing&back=upward&unit=u%201', '/branch/l1?view=missing&back=upward'])
  })
})
