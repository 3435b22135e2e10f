/** 签到表: what may be pressed, and which reasons are sent. */
import { expect, test } from 'vitest'
import { confirmation, reasonsDiffer, spaced, writtenReasons, type SheetDraft, type SheetLine } from '@/protocol/branch'

const draft = (more: Partial<SheetDraft>) => ({ versions: [], may_confirm: true, code: null, changed: false, ...more }) as unknown as SheetDraft
const line = (id: string, more: Partial<SheetLine> = {}) => ({ member_id: id, standing: 'absent', reason: '', ...more }) as SheetLine
const one = [{}] as unknown as SheetDraft['versions']

test('nothing is confirmed by others, too early, or twice the same', () => {
  expect(confirmation(draft({ may_confirm: false }), true)).toBe('none')
  expect(confirmation(draft({ code: 'sheet_too_early' }), true)).toBe('none')
  expect(confirmation(draft({ versions: one }), false)).toBe('none')
})

test('a first sheet needs no reason, what supersedes does', () => {
  expect(confirmation(draft({}), false)).toBe('first')
  expect(confirmation(draft({ versions: one, changed: true }), false)).toBe('again')
  expect(confirmation(draft({ versions: one }), true)).toBe('again')
})

test('reasons are sent of who is absent, the written before the known, blanks not at all', () => {
  const lines = [line('a', { reason: '值班' }), line('b'), line('c', { reason: '住院' }), line('d', { standing: 'present', reason: '手机没电' })]
  const words = new Map([['b', ' 未请假 '], ['c', ' '], ['d', 'x']])
  expect(writtenReasons(lines, words)).toEqual([{ member_id: 'a', reason: '值班' }, { member_id: 'b', reason: '未请假' }])
  expect(reasonsDiffer(lines, words)).toBe(true)
  expect(reasonsDiffer(lines, new Map([['a', '值班 '], ['d', 'x']]))).toBe(false)
})

test('a mobile number is read in groups', () => {
  expect(spaced('13800010001')).toBe('138 0001 0001')
  expect(spaced('0571-8888')).toBe('0571-8888')
})
