import { describe, expect, it } from 'vitest'
import type { LessonLogEvent, Quiz } from '@/protocol/model'
import { arranged, nextOf, sized, stillChosen, together, type Saying } from '@/protocol/opinions'
import { afterEvent, withOpinions } from '@/protocol/sheet'

const saying = (id: string, listed: string[] = []): Saying => ({ id, text: id, count: 1, ruling: 'waiting', listed })

describe('a cloud of words', () => {
  it('makes the most frequent the largest, and none smaller than the smallest', () => {
    const sizes = sized([{ text: '责任', count: 100 }, { text: '防护', count: 25 }, { text: '演练', count: 1 }]).map(one => one.size)
    expect(sizes).toEqual([5, 3, 1])
  })

  it('makes all alike while each was said once', () => {
    expect(sized([{ text: '责任', count: 1 }, { text: '防护', count: 1 }]).map(one => one.size)).toEqual([2, 2])
    expect(sized([])).toEqual([])
  })

  it('puts the most frequent in the middle and forgets none', () => {
    expect(arranged([1, 2, 3, 4, 5])).toEqual([5, 3, 1, 2, 4])
  })
})

describe('approving', () => {
  it('leaves out of many at once what holds a listed word', () => {
    expect(together([saying('a'), saying('b', ['赌博']), saying('c')]).map(one => one.id)).toEqual(['a', 'c'])
  })

  it('goes on with the one below, and at the end with the one above', () => {
    const items = ['a', 'b', 'c'].map(id => saying(id))
    expect([nextOf(items, 'a'), nextOf(items, 'c'), nextOf([], 'a')]).toEqual(['b', 'b', null])
  })
})

describe('the one that the keys speak of', () => {
  const items = ['a', 'b'].map(id => saying(id))
  it('is the first of a list that was empty, and stays while it is there', () => {
    expect([stillChosen(items, null, true), stillChosen(items, 'b', false), stillChosen([], 'b', false)]).toEqual(['a', 'b', null])
  })

  it('is none when it went away under the eyes, until one is chosen', () => {
    expect([stillChosen(items, 'c', false), stillChosen(items, null, false)]).toEqual([null, null])
  })
})

describe('what is shown of opinions', () => {
  const quiz = { id: 'q', kind: 'word_cloud', scored: false, closed_at: null, opinions: null } as unknown as Quiz
  const opinions = [{ text: '责任', count: 2 }]

  it('comes to screens with the count of its own quiz', () => {
    expect(withOpinions([quiz], { quiz_id: 'q', answered: 2, expected: 3, opinions })[0]?.opinions).toEqual(opinions)
    expect(withOpinions([quiz], { quiz_id: 'other', answered: 2, expected: 3, opinions })[0]?.opinions).toBeNull()
    expect(withOpinions([quiz], { quiz_id: 'q', answered: 2, expected: 3 })).toEqual([quiz])
  })

  it('is folded away when the quiz is opened again', () => {
    const event = { seq: 9, at: '2026-11-22T01:00:00Z', kind: 'quiz.reopened', data: { quiz_id: 'q', seconds: 60, deadline_at: '2026-11-22T01:01:00Z', paused_at: null, round: 2, reason: '断网' } } as LessonLogEvent
    expect(afterEvent([{ ...quiz, opinions }], 'l', event)[0]?.opinions).toBeNull()
  })
})
