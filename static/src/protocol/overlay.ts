/** Whether a hall's screen shows the question over the programme. No I/O. */

import type { Quiz } from './model'

/** An explained question goes by itself after a while; the lecturer has moved on by then. */
const EXPLAINED_MS = 180_000

/** What the operator said about one phase of one question: put it away, or fetch it back. */
export interface Said { phase: string, shown: boolean }

/** A question that closes, or is opened again, is new to look at, whatever was said before. */
export function phaseOf(quiz: Quiz): string {
  return `${quiz.id}:${quiz.round ?? 1}:${quiz.closed_at === null ? 'open' : 'closed'}`
}

export function overlayShows(quiz: Quiz | null, said: Said | null, serverNowMs: number): boolean {
  if (!quiz) return false
  if (said?.phase === phaseOf(quiz)) return said.shown
  return quiz.closed_at === null || serverNowMs - Date.parse(quiz.closed_at) < EXPLAINED_MS
}
