/**
 * Answers that were given and not acknowledged yet: kept in this tab under who gave them, so that a page that was
 * reloaded or left sends them on, under the same command.
 */

import type { Quiz } from '@/protocol/model'
import { remember, remembered } from './resuming'

export interface Unsent { round: number, choice: readonly string[], id: string, nth: number }
interface Kept { account: string, answers: Record<string, Unsent> }

/** By question; of nobody else who logs in here afterwards. */
export function unsent(account: string, lessonId: string): Record<string, Unsent> {
  const kept = remembered<Kept>('answers', lessonId)
  return kept?.account === account && kept.answers ? kept.answers : {}
}

/** null: the server has said yes or no. */
export function keepUnsent(account: string, lessonId: string, quizId: string, one: Unsent | null): void {
  const { [quizId]: before, ...others } = unsent(account, lessonId)
  if (!one && !before) return
  const answers = one ? { ...others, [quizId]: one } : others
  remember('answers', lessonId, Object.keys(answers).length ? { account, answers } : null)
}

/** Nothing to be sent on any more: it is there, came too late, or belongs to a round that is over. */
export function isOver(asked: Quiz | undefined, one: Unsent): boolean {
  if (!asked || asked.closed_at !== null || (asked.round ?? 1) !== one.round) return true
  return asked.my_choice !== null && (asked.keep !== 'last' || (asked.my_nth ?? 0) >= one.nth)
}
