import { describe, expect, it } from 'vitest'
import type { Quiz } from '@/protocol/model'
import { frontOf, paperOf, placeState } from '@/protocol/paperrun'

const ask = (number: number, place: number | null, more: Partial<Quiz> = {}): Quiz => ({
  id: `q${number}`, lesson_id: 'l', question_id: `p${number}`, number, kind: 'single', text: '', options: [], seconds: 300, launched_at: '', deadline_at: '',
  closed_at: null, server_time: '', my_choice: null, answered: null, expected: null, result: null,
  run: place === null ? null : { id: 'run', name: '', place, size: 3 }, ...more,
})

describe('a paper', () => {
  const single = ask(1, null, { closed_at: 'then' })
  const paper = [ask(2, 3), ask(3, 1), ask(4, 2)]

  it('is read in the own order, and nothing else is in it', () => {
    expect(paperOf([single, ...paper], paper[0] ?? null).map(one => one.run?.place)).toEqual([1, 2, 3])
    expect(paperOf([single, ...paper], single)).toEqual([])
  })

  it('goes on at the first question that waits, and ends at its first', () => {
    expect(frontOf([single, ...paper])?.id).toBe('q3')
    expect(frontOf([single, ask(2, 3), ask(3, 1, { my_choice: ['a'] }), ask(4, 2)])?.id).toBe('q4')
    expect(frontOf(paper.map(one => ({ ...one, my_choice: ['a'] })))?.id).toBe('q3')
    expect(frontOf(paper.map(one => ({ ...one, closed_at: 'now' })))?.id).toBe('q3')
    expect(frontOf([...paper, ask(5, null)])?.id, 'a later question by itself').toBe('q5')
    expect(frontOf([])).toBeNull()
  })

  it('tells what was chosen from what was handed in', () => {
    expect(placeState(ask(2, 1), false)).toBe('open')
    expect(placeState(ask(2, 1), true)).toBe('chosen')
    expect(placeState(ask(2, 1, { my_choice: ['a'] }), true)).toBe('sent')
  })
})
