/** 校外学时 and the year's target, without a page. */
import { expect, test } from 'vitest'
import { commandFor, firstDay, MOST_PROOF_BYTES, outsidePaths, unfitProof } from '@/protocol/outside'
import { reached } from '@/protocol/standing'

test('a proof that the server would refuse is not sent', () => {
  expect(unfitProof({ name: '证书.PDF', size: 9 })).toBeNull()
  expect(unfitProof({ name: '证书.jpeg', size: MOST_PROOF_BYTES })).toBeNull()
  expect(unfitProof({ name: '证书.docx', size: 9 })).toBe('type')
  expect(unfitProof({ name: '证书.png', size: 0 })).toBe('empty')
  expect(unfitProof({ name: '证书.png', size: MOST_PROOF_BYTES + 1 })).toBe('size')
})

test('a name from a folder is sent as one name, and what is not given is not asked', () => {
  expect(outsidePaths.proof('c', 'a/b\\c.pdf')).toBe('/api/v1/outside-proofs?command_id=c&name=a_b_c.pdf')
  expect(outsidePaths.import('c', 'u', '表.xlsx')).toBe('/api/v1/outside-imports?command_id=c&unit_id=u&name=%E8%A1%A8.xlsx')
})

test('the first day that may be entered is that of last year', () => {
  expect(firstDay('2026-11-27')).toBe('2025-01-01')
})

test('the same draft again is the same command, and another one another', () => {
  let made = 0
  const commandOf = commandFor(() => `c${made += 1}`)
  expect([commandOf({ title: 'a' }), commandOf({ title: 'a' }), commandOf({ title: 'b' })]).toEqual(['c1', 'c1', 'c2'])
})

test('a ring never says more than the target, and none without one', () => {
  expect(reached({ target: 3200, total: 3199 })).toBe(99)
  expect(reached({ target: 3200, total: 9000 })).toBe(100)
  expect(reached({ target: 3200, total: -100 })).toBe(0)
  expect(reached({ target: null, total: 100 })).toBeNull()
  expect(reached({ target: 0, total: 100 })).toBeNull()
})
