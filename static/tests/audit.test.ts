/** The audit page's questions: days counted in, nouns of actions, what was asked line by line. */
import { expect, test } from 'vitest'
import { auditQuery, detailRows, exportPath, hashIn, nounOf } from '@/protocol/audit'

const NONE = { since: '', until: '', who: '', noun: '', what: '', result: '' }

test('both days are counted in, and what is empty is not asked', () => {
  const asked = auditQuery({ ...NONE, since: '2026-11-01', until: '2026-11-30' })
  expect(new Date(asked.since ?? '').getTime()).toBe(new Date(2026, 10, 1).getTime())
  expect(new Date(asked.until ?? '').getTime()).toBe(new Date(2026, 11, 1).getTime())
  expect(Object.keys(asked)).toEqual(['since', 'until'])
  expect(auditQuery({ ...NONE, since: 'x-y' })).toEqual({})
  expect(exportPath({ ...NONE, noun: 'leaves', result: 'refused' }, 'csv')).toBe('/api/v1/audit/export?format=csv&result=refused&action=%2Fleaves')
})

test('an action is called by what stands furthest to the right', () => {
  expect(nounOf('POST /lessons/{lesson_id}/leaves')).toBe('leaves')
  expect(nounOf('POST /lessons/{lesson_id}/take')).toBe('lessons')
  expect(nounOf('POST /session')).toBe('session')
  expect(nounOf('roster.imported')).toBe('imported')
  expect(nounOf('POST /words')).toBe('other')
})

test('what was asked is read thing by thing, and what is no JSON stays as it is', () => {
  expect(detailRows('{"name":"甲","n":3}')).toEqual([['name', '甲'], ['n', '3']])
  expect(detailRows('{')).toEqual([['', '{']])
  expect(detailRows(null)).toEqual([])
})

test('a head is found in what was pasted: alone, in groups, in a line of the table; never of two', () => {
  const [one, other] = ['a1'.repeat(32), 'b2'.repeat(32)]
  expect([` ${one.toUpperCase()} `, one.match(/.{8}/g)?.join(' ') ?? '', `2026-11-01,12,${one},2026-11-01T00:00:00Z`].map(hashIn)).toEqual([one, one, one])
  expect([`${one}\n${other}`, one.slice(1), `${one}f`, ''].map(hashIn)).toEqual([null, null, null, null])
})
