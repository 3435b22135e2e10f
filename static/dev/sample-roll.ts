/** A roll call over the sample venues, stepped through as the real one. */

import type { RollMark, RollResult, Stage } from '../src/protocol/model'

const PROPOSALS: RollResult[] = ['answered', 'answered', 'no_sound', 'no_picture', 'absent', 'absent']
const roll = { number: 0, running: false, called: null as string | null, results: new Map<string, RollResult>(), startedAt: '', finishedAt: null as string | null }

export function step(act: string, body: Record<string, unknown>, ids: string[]): void {
  if (act === 'roll-calls') Object.assign(roll, { number: roll.number + 1, running: true, called: ids[0] ?? null, results: new Map(), startedAt: new Date().toISOString(), finishedAt: null })
  if (act === 'roll-call/turn') roll.called = String(body.lesson_venue_id)
  if (act === 'roll-call/finish') Object.assign(roll, { running: false, called: null, finishedAt: new Date().toISOString() })
  if (act === 'roll-call/result') {
    roll.results.set(String(body.lesson_venue_id), body.result as RollResult)
    roll.called = ids.find(id => !roll.results.has(id)) ?? null
  }
}

export function rolled(stage: Stage): Stage {
  if (!roll.number) return stage
  const mark = (id: string, index: number): RollMark => ({
    called: roll.called === id, answered_at: null, result: roll.results.get(id) ?? null, proposal: roll.called === id ? PROPOSALS[index] ?? 'answered' : null,
  })
  return {
    ...stage,
    venues: stage.venues.map((venue, index) => ({ ...venue, roll: mark(venue.id, index) })),
    roll_call: { id: 'roll', number: roll.number, running: roll.running, started_at: roll.startedAt, finished_at: roll.finishedAt, called: roll.called, total: stage.venues.length, decided: roll.results.size },
  }
}
