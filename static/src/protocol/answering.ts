/**
 * How one answer gets to the server: over the socket first, then by HTTPS, always under the same command id, until the
 * server has said yes or no. Its clock decides what is late, so a slow line is no reason to stop trying.
 */

import type { AnswerReceipt } from './model'
import { Refusal } from './problem'

/** Over the whole about three minutes; then a person decides. */
export const ATTEMPTS = 40
const WAITS_MS = [200, 600, 1_200, 2_500, 5_000]

export type Channel = 'socket' | 'https'

/** A socket that once gave no ack is not asked again: HTTPS shows at once whether there is a way at all. */
export function channelOf(attempt: number, socketUp: boolean): Channel {
  return attempt === 1 && socketUp ? 'socket' : 'https'
}

/** Milliseconds until the next attempt; null: the word is final. `chance` in [0, 1) spreads a hall of phones. */
export function waitAfter(attempt: number, refusal: Refusal, chance: number): number | null {
  if (!refusal.passing || attempt >= ATTEMPTS) return null
  if (refusal.retryAfterMs !== null) return refusal.retryAfterMs * (1 + 0.25 * chance)
  const wait = WAITS_MS[Math.min(attempt, WAITS_MS.length) - 1] ?? 5_000
  return wait * (0.75 + 0.5 * chance)
}

export interface Ways {
  socketUp: () => boolean
  socket: (commandId: string) => Promise<AnswerReceipt>
  https: (commandId: string) => Promise<AnswerReceipt>
  pause: (ms: number) => Promise<void>
  chance: () => number
  /** Nobody waits for it any more: the page was left. */
  left: () => boolean
  /** Told before each further attempt, so that the page can say that it goes on trying. */
  onAgain: (attempt: number) => void
}

/** The receipt, or the server's refusal thrown; `unreachable` when all attempts went by without a word. */
export async function deliver(commandId: string, ways: Ways): Promise<AnswerReceipt> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ways[channelOf(attempt, ways.socketUp())](commandId)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const wait = waitAfter(attempt, error, ways.chance())
      if (wait === null || ways.left()) throw error
      ways.onAgain(attempt + 1)
      await ways.pause(wait)
    }
  }
}
