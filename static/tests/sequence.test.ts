import { describe, expect, test } from 'vitest'
import type { LessonLogEvent } from '@/protocol/model'
import { caughtUp, gaveUp, leapt, PENDING_LIMIT, pushed, resync, sequenceFrom } from '@/protocol/sequence'

const event = (seq: number): LessonLogEvent => ({ seq, at: '2026-11-22T01:00:00Z', kind: 'stage.taken', data: {} })
const seqs = (events: readonly LessonLogEvent[]) => events.map(one => one.seq)

describe('the order of events', () => {
  test('a push is delivered at once and once', () => {
    const first = pushed(sequenceFrom(4), event(5))
    expect(seqs(first.deliver)).toEqual([5])
    expect(seqs(pushed(first.sequence, event(5)).deliver)).toEqual([])
  })

  test('a hole in seq is no loss: other audiences have events too', () => {
    const step = pushed(sequenceFrom(4), event(9))
    expect(seqs(step.deliver)).toEqual([9])
    expect(step.askSince).toBeNull()
  })

  test('while since is under way pushes wait and are merged in order', () => {
    const asked = resync(sequenceFrom(4))
    expect(asked.askSince).toBe(4)
    let { sequence } = asked
    for (const seq of [9, 8]) {
      const step = pushed(sequence, event(seq))
      expect(step.deliver).toEqual([])
      sequence = step.sequence
    }
    const step = caughtUp(sequence, [event(5), event(7), event(8)], 8)
    expect(seqs(step.deliver)).toEqual([5, 7, 8, 9])
    expect(step.sequence.seen).toBe(9)
    expect(step.askSince).toBeNull()
  })

  test('since reaches further than its last event when the rest was for others', () => {
    const { sequence } = resync(sequenceFrom(4))
    expect(caughtUp(sequence, [event(5)], 12).sequence.seen).toBe(12)
  })

  test('an answer that is older than what was seen delivers nothing twice', () => {
    const { sequence } = resync(sequenceFrom(10))
    const step = caughtUp(sequence, [event(9), event(10)], 10)
    expect(step.deliver).toEqual([])
    expect(step.sequence.seen).toBe(10)
  })

  test('a resync during since asks again afterwards, from where it got to', () => {
    const asking = resync(sequenceFrom(4)).sequence
    const again = resync(asking)
    expect(again.askSince).toBeNull()
    const step = caughtUp(again.sequence, [event(5)], 6)
    expect(step.askSince).toBe(6)
    expect(step.sequence.asking).toBe(true)
    expect(caughtUp(step.sequence, [], 6).askSince).toBeNull()
  })

  test('after snapshots the tail is asked for, and what was pushed meanwhile waits for it', () => {
    let { sequence } = resync(sequenceFrom(4))
    for (const seq of [8_000, 9_001]) sequence = pushed(sequence, event(seq)).sequence
    const leap = leapt(sequence, 9_000)
    expect(leap.askSince).toBe(9_000)
    expect(seqs(pushed(leap.sequence, event(9_002)).deliver)).toEqual([])
    expect(seqs(caughtUp(leap.sequence, [], 9_000).deliver)).toEqual([9_001])
  })

  test('a full buffer is dropped and asked for again', () => {
    let sequence = resync(sequenceFrom(0)).sequence
    for (let seq = 1; seq <= PENDING_LIMIT + 1; seq += 1) sequence = pushed(sequence, event(seq)).sequence
    expect(sequence.pending).toEqual([])
    expect(caughtUp(sequence, [event(1)], 1).askSince).toBe(1)
  })

  test('without an answer nothing is delivered out of order', () => {
    const asking = pushed(resync(sequenceFrom(4)).sequence, event(9)).sequence
    const after = gaveUp(asking)
    expect(after.seen).toBe(4)
    expect(resync(after).askSince).toBe(4)
  })
})
