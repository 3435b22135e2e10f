import { describe, expect, test } from 'vitest'
import type { LessonLogEvent } from '@/protocol/model'
import { Tail, WAITING_LIMIT } from '@/session/tail'

const event = (seq: number): LessonLogEvent => ({ seq, at: '2026-11-22T01:00:00Z', kind: 'chat.line', data: {} })

function listOf() {
  const applied: number[] = []
  const placed: number[] = []
  const tail = new Tail((one) => { applied.push(one.seq) })
  return { tail, applied, placed, place: (list: { seq: number }) => { placed.push(list.seq) } }
}

describe('a list and the events after it', () => {
  test('events before the first reading belong to it', () => {
    const { tail, applied } = listOf()
    tail.heard(event(3))
    expect(applied).toEqual([])
  })

  test('what comes while it is read waits; what the reading has seen is dropped, the rest is applied in order and once', async () => {
    const { tail, applied, placed, place } = listOf()
    await tail.read(() => {
      for (const seq of [11, 9, 12, 11]) tail.heard(event(seq))
      return Promise.resolve({ seq: 10 })
    }, place)
    tail.heard(event(12))
    tail.heard(event(13))
    expect(placed).toEqual([10])
    expect(applied).toEqual([11, 12, 13])
  })

  test('a reading that fails leaves the list as it was, kept by events', async () => {
    const { tail, applied, place } = listOf()
    await tail.read(() => Promise.resolve({ seq: 10 }), place)
    await expect(tail.read(() => { tail.heard(event(11)); return Promise.reject(new Error('away')) }, place)).rejects.toThrow('away')
    expect(applied).toEqual([11])
  })

  test('an older reading never replaces a newer one', async () => {
    const { tail, placed, place } = listOf()
    let slow: (list: { seq: number }) => void = () => undefined
    const first = tail.read(() => new Promise<{ seq: number }>((resolve) => { slow = resolve }), place)
    await tail.read(() => Promise.resolve({ seq: 20 }), place)
    slow({ seq: 10 })
    await first
    expect(placed).toEqual([20])
  })

  test('more than may wait: the list is read once more', async () => {
    const { tail, applied, placed, place } = listOf()
    let reading = 0
    await tail.read(() => {
      reading += 1
      if (reading === 1) for (let seq = 1; seq <= WAITING_LIMIT + 1; seq += 1) tail.heard(event(seq))
      return Promise.resolve({ seq: reading === 1 ? 0 : WAITING_LIMIT + 1 })
    }, place)
    expect(placed).toEqual([0, WAITING_LIMIT + 1])
    expect(applied).toEqual([])
  })
})
