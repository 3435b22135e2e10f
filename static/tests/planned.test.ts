import { describe, expect, it } from 'vitest'
import { coming, leftMs, plannedQuestions, soon, type Planned } from '@/protocol/planned'

const NOW = Date.parse('2026-03-02T01:00:00Z')
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()
const one = (id: string, fields: Partial<Planned> = {}): Planned => ({
  id, question_ids: [`q-${id}`], text: '题', gone: 0, mark: { kind: 'minutes', number: 5, material_id: null, name: null }, seconds: null, keep: 'first',
  due_at: null, state: 'waiting', held: null, missed: null, quiz_id: null, server_time: at(0), ...fields,
})

describe('planned launches', () => {
  it('shows what waits for a hand first, then by time, then what waits for its mark; nothing that is over', () => {
    const items = [one('mark'), one('late', { due_at: at(300) }), one('done', { state: 'launched', due_at: at(1) }), one('next', { due_at: at(20) }), one('missed', { state: 'missed', due_at: at(-90) }), one('mark2')]
    expect(coming(items).map(each => each.id)).toEqual(['missed', 'next', 'late', 'mark', 'mark2'])
    expect([...plannedQuestions(items)].sort()).toEqual(['q-late', 'q-mark', 'q-mark2', 'q-missed', 'q-next'])
  })

  it('counts down to a time that will hold, and to no other', () => {
    expect(leftMs(one('a', { due_at: at(90) }), NOW)).toBe(90_000)
    expect(leftMs(one('a', { due_at: at(-2) }), NOW)).toBe(0)
    expect(leftMs(one('a'), NOW)).toBeNull()
    expect(leftMs(one('a', { due_at: at(20), held: 'quiz' }), NOW)).toBeNull()
    expect(leftMs(one('a', { due_at: at(-90), state: 'missed' }), NOW)).toBeNull()
    expect([soon(one('a', { due_at: at(60) }), NOW), soon(one('a', { due_at: at(61) }), NOW)]).toEqual([true, false])
  })
})
