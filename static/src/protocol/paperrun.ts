/** A paper that is asked as a whole: its questions in the order in which one sees them, and how far one got. No I/O. */

import type { Quiz } from './model'
import { latestOf } from './sheet'

/** None when this question is asked by itself. */
export function paperOf(quizzes: readonly Quiz[], quiz: Quiz | null): readonly Quiz[] {
  const id = quiz?.run?.id
  return id ? quizzes.filter(one => one.run?.id === id).sort((a, b) => (a.run?.place ?? 0) - (b.run?.place ?? 0)) : []
}

/** What a phone speaks of: the question that runs or was closed last; of a paper the first that waits for an answer, else its first. */
export function frontOf(quizzes: readonly Quiz[]): Quiz | null {
  const latest = latestOf(quizzes)
  const paper = paperOf(quizzes, latest)
  return paper.find(waits) ?? paper[0] ?? latest
}

const waits = (quiz: Quiz): boolean => quiz.my_choice === null && quiz.closed_at === null && !quiz.run?.handed_in_at

/** Each mark in it is saved by itself: what is saved when the time is over counts. */
export const savesItself = (quiz: Quiz): boolean => Boolean(quiz.run) && quiz.keep === 'last'

export type PlaceState = 'open' | 'chosen' | 'sent'

/** `drafted`: something was chosen and not handed in yet. */
export function placeState(quiz: Quiz, drafted: boolean): PlaceState {
  return quiz.my_choice !== null ? 'sent' : drafted ? 'chosen' : 'open'
}
