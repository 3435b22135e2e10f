/**
 * How one answer gets to the server: over the socket first, then by HTTPS, always under the same command id, until the
 * server has said yes or no. Its clock decides what is late, so a slow line is no reason to stop trying.
 */

import type { AnswerReceipt, Quiz } from './model'
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

const COMMAND_LIMIT = 200
const MOST_NTH = 1000

/**
 * The same choice of the same question goes out under the same id, also after another try by hand. Where the last answer
 * counts, one that goes back to what was chosen before is a new one: the server keeps the one with the highest number.
 */
export class AnswerCommands {
  private readonly made = new Map<string, { id: string, nth: number }>()
  private readonly counted = new Map<string, number>()

  constructor(private readonly newId: () => string) {}

  of(quiz: Pick<Quiz, 'my_nth' | 'keep'> | undefined, quizId: string, choice: readonly string[]): { id: string, nth: number } {
    const key = JSON.stringify([quizId, choice])
    const last = Math.max(quiz?.my_nth ?? 0, this.counted.get(quizId) ?? 0)
    const known = this.made.get(key)
    if (known && (quiz?.keep !== 'last' || known.nth >= last)) return known
    if (this.made.size >= COMMAND_LIMIT) this.made.clear()
    const command = { id: this.newId(), nth: Math.min(last + 1, MOST_NTH) }
    this.made.set(key, command)
    this.counted.set(quizId, command.nth)
    return command
  }

  /** A command of before the page was loaded anew. */
  know(quizId: string, choice: readonly string[], command: { id: string, nth: number }): void {
    this.made.set(JSON.stringify([quizId, choice]), { id: command.id, nth: command.nth })
    this.counted.set(quizId, Math.max(command.nth, this.counted.get(quizId) ?? 0))
  }

  /** It made nothing, for another answer stands (from another device, or put in by somebody else): the next is a new one. */
  forget(quizId: string, choice: readonly string[]): void { this.made.delete(JSON.stringify([quizId, choice])) }
}
