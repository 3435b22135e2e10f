import { describe, expect, test } from 'vitest'
import { hindranceOf, KEPT, linesAfter, mergedLines, type ChatLine } from '@/protocol/chat'
import type { LessonLogEvent } from '@/protocol/model'

const AT = '2026-11-22T01:00:00Z'
const line = (id: string, seq: number, over: Partial<ChatLine> = {}): ChatLine =>
  ({ id, seq, kind: 'member', name: '甲', unit: '支部', text: id, state: 'shown', at: AT, mine: false, held: false, ...over })
const said = (id: string, seq: number, state: string): LessonLogEvent =>
  ({ seq, at: AT, kind: 'chat.line', data: { line_id: id, kind: 'member', name: '甲', unit: '支部', text: id, state, at: AT } })
const ids = (lines: readonly ChatLine[]) => lines.map(one => one.id)

describe('the chat', () => {
  test('an own line waits, and moves to its place among the others when it is approved', () => {
    let lines = linesAfter([line('a', 1)], said('mine', 2, 'waiting'), false)
    expect(lines[1]).toMatchObject({ state: 'waiting', mine: true })
    lines = linesAfter(lines, said('b', 3, 'shown'), false)
    lines = linesAfter(lines, said('mine', 4, 'shown'), false)
    expect(ids(lines)).toEqual(['a', 'b', 'mine'])
    expect(lines[2]).toMatchObject({ state: 'shown', mine: true })
  })

  test('what waits before staff is not their own', () => {
    expect(linesAfter([], said('x', 2, 'waiting'), true)[0]).toMatchObject({ state: 'waiting', mine: false })
  })

  test('a deleted line vanishes, and one that was taken from the log never comes', () => {
    const lines = [line('a', 1), line('b', 2)]
    expect(ids(linesAfter(lines, { seq: 3, at: AT, kind: 'chat.deleted', data: { line_id: 'a' } }, false))).toEqual(['b'])
    expect(ids(linesAfter(lines, said('b', 2, 'deleted'), false))).toEqual(['a'])
  })

  test('an older word about a line never replaces a newer one', () => {
    expect(mergedLines([line('a', 5)], [line('a', 3, { state: 'waiting' })])[0]?.state).toBe('shown')
  })

  test('the oldest go when there are too many', () => {
    const many = Array.from({ length: KEPT + 5 }, (_, n) => line(`l${n}`, n))
    expect(mergedLines(many, []).length).toBe(KEPT)
    expect(mergedLines(many, [])[0]?.id).toBe('l5')
  })

  test('what stands between a person and the next line', () => {
    const now = Date.parse(AT)
    const free = { mode: 'open' as const, slow_seconds: 30, may_write: true, muted_until: null, muted_reason: '', next_at: null }
    expect(hindranceOf(free, now)).toBeNull()
    expect(hindranceOf({ ...free, next_at: '2026-11-22T01:00:12Z' }, now)).toEqual({ name: 'slow', seconds: 12 })
    expect(hindranceOf({ ...free, next_at: '2026-11-22T00:59:59Z' }, now)).toBeNull()
    expect(hindranceOf({ ...free, mode: 'off' }, now)).toEqual({ name: 'off' })
    expect(hindranceOf({ ...free, may_write: false, muted_until: '2026-11-22T01:01:00Z', muted_reason: '刷屏' }, now)).toEqual({ name: 'muted', reason: '刷屏', seconds: 60 })
    expect(hindranceOf({ ...free, may_write: false }, now)).toEqual({ name: 'closed' })
  })
})
