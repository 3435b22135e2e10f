/** Opinions and word clouds: shapes of docs/protocol.md, how large a word stands, and what staff decide. No I/O beside `Rest`. */

import type { Opinion } from './model'
import type { Rest } from './rest'

export const RULINGS = ['waiting', 'approved', 'hidden'] as const
export type Ruling = typeof RULINGS[number]

export interface Saying { id: string, text: string, count: number, ruling: Ruling, listed: string[] }
export interface OpinionDesk { quiz_id: string, counts: Record<Ruling, number>, items: Saying[], next_cursor: string | null }
/** A decision that can be taken back: what it was before. */
export interface Ruled { ids: string[], ruling: Ruling, before: Ruling }

export const SIZES = 5
export interface Sized extends Opinion { size: number }

/** 1 to 5, by the root of the count: what four said stands twice as large as what one said, not four times. */
export function sized(items: readonly Opinion[]): Sized[] {
  const most = Math.max(1, ...items.map(one => one.count))
  return items.map(one => ({ ...one, size: most === 1 ? 2 : Math.max(1, Math.round(SIZES * Math.sqrt(one.count / most))) }))
}

/** The most frequent in the middle, the others to both sides of it in turn. */
export function arranged<T>(items: readonly T[]): T[] {
  return items.reduce<T[]>((row, one, at) => at % 2 ? [...row, one] : [one, ...row], [])
}

/** What may be approved with one press: a listed word is looked at by itself. */
export function together(items: readonly Saying[]): Saying[] {
  return items.filter(one => one.listed.length === 0)
}

/** Whose turn it is when one left the list: the one below, else the last. */
export function nextOf(items: readonly Saying[], id: string | null): string | null {
  const at = items.findIndex(one => one.id === id)
  return (items[at + 1] ?? items[at - 1])?.id ?? null
}

/**
 * Which one the keys speak of after the list was read again. One that went away under the eyes (decided on by somebody
 * else, or spelled otherwise by most now) leaves none: the next press would decide on one that nobody looked at.
 */
export function stillChosen(items: readonly Saying[], chosen: string | null, fresh: boolean): string | null {
  if (items.some(one => one.id === chosen)) return chosen
  return fresh ? items[0]?.id ?? null : null
}

export const opinionCalls = (rest: Rest) => ({
  desk: (quizId: string, ruling: Ruling) => rest.json<OpinionDesk>('GET', `/api/v1/quizzes/${quizId}/opinions?ruling=${ruling}&limit=200`),
  rule: (quizId: string, ids: readonly string[], ruling: Ruling) => rest.command<{ changed: number }>(`/api/v1/quizzes/${quizId}/opinions/rulings`, { ids, ruling }),
})
