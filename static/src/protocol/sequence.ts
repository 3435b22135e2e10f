/**
 * The order of a lesson's events, without I/O.
 *
 * Pushes are hints: an audience sees only its own events, so a hole in `seq` proves nothing. What proves a loss is a
 * `resync` from the server, a new connection, or our own buffer running over; then `since` is asked and its answer,
 * merged with what was pushed meanwhile, is delivered in order and each event once.
 */

import type { LessonLogEvent } from './model'

/** Pushes kept while a `since` is under way. Beyond it they are dropped and asked for again. */
export const PENDING_LIMIT = 500

export interface Sequence {
  readonly seen: number
  /** A `since` is under way. */
  readonly asking: boolean
  /** Another `since` is needed when the present one is answered. */
  readonly askAgain: boolean
  readonly pending: readonly LessonLogEvent[]
}

export interface SequenceStep {
  readonly sequence: Sequence
  readonly deliver: readonly LessonLogEvent[]
  /** Ask the server `since` this seq now; null: nothing to ask. */
  readonly askSince: number | null
}

export function sequenceFrom(seq: number): Sequence {
  return { seen: seq, asking: false, askAgain: false, pending: [] }
}

export function pushed(sequence: Sequence, event: LessonLogEvent): SequenceStep {
  if (event.seq <= sequence.seen) return { sequence, deliver: [], askSince: null }
  if (!sequence.asking) return { sequence: { ...sequence, seen: event.seq }, deliver: [event], askSince: null }
  if (sequence.pending.length >= PENDING_LIMIT) {
    return { sequence: { ...sequence, pending: [], askAgain: true }, deliver: [], askSince: null }
  }
  return { sequence: { ...sequence, pending: [...sequence.pending, event] }, deliver: [], askSince: null }
}

/** The server said that something may be missing, or the connection is new. */
export function resync(sequence: Sequence): SequenceStep {
  if (sequence.asking) return { sequence: { ...sequence, askAgain: true }, deliver: [], askSince: null }
  return { sequence: { ...sequence, asking: true }, deliver: [], askSince: sequence.seen }
}

/** The answer to `since`: `seq` is how far it reaches, even when the last events were not for us. */
export function caughtUp(sequence: Sequence, events: readonly LessonLogEvent[], seq: number): SequenceStep {
  const deliver = inOrder([...events, ...sequence.pending], sequence.seen)
  const seen = Math.max(sequence.seen, seq, deliver[deliver.length - 1]?.seq ?? 0)
  const next: Sequence = { seen, asking: sequence.askAgain, askAgain: false, pending: [] }
  return { sequence: next, deliver, askSince: sequence.askAgain ? seen : null }
}

/** More than a page was missing: snapshots were fetched, none older than `seq`, and the tail goes on from there. */
export function leapt(sequence: Sequence, seq: number): SequenceStep {
  const seen = Math.max(sequence.seen, seq)
  const pending = sequence.pending.filter(event => event.seq > seen)
  return { sequence: { seen, asking: true, askAgain: false, pending }, deliver: [], askSince: seen }
}

/** No answer to `since`: what was pushed waits for the next try, nothing is delivered out of order. */
export function gaveUp(sequence: Sequence): Sequence {
  return { seen: sequence.seen, asking: false, askAgain: false, pending: [] }
}

function inOrder(events: LessonLogEvent[], after: number): LessonLogEvent[] {
  const bySeq = new Map(events.filter(event => event.seq > after).map(event => [event.seq, event]))
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}
