/** The run of show: prepared questions, each with what became of it. No I/O. */

import type { Question, Quiz } from './model'

export type CardState = 'prepared' | 'running' | 'closed'
export interface Card { key: string, question: Question | null, quiz: Quiz | null, state: CardState }

/** Questions in their order; what was launched from a question that is gone or was rewritten stands first, as it was shown. */
export function agenda(questions: readonly Question[], quizzes: readonly Quiz[]): Card[] {
  const left = [...quizzes]
  const cards = [...questions].sort((a, b) => a.position - b.position).map((question): Card => {
    const at = lastIndex(left, quiz => isOf(quiz, question))
    const quiz = at >= 0 ? left.splice(at, 1)[0] ?? null : null
    return { key: question.id, question, quiz, state: stateOf(quiz) }
  })
  return [...left.map((quiz): Card => ({ key: quiz.id, question: null, quiz, state: stateOf(quiz) })), ...cards]
}

function stateOf(quiz: Quiz | null): CardState {
  if (!quiz) return 'prepared'
  return quiz.closed_at === null ? 'running' : 'closed'
}

/** A quiz is a snapshot of its question: while that has the same words and options, it is the question's own. */
function isOf(quiz: Quiz, question: Question): boolean {
  return quiz.question_id === question.id && quiz.kind === question.kind && quiz.text === question.text
    && quiz.options.map(one => one.text).join('\n') === question.options.map(one => one.text).join('\n')
}

/** What the key for "next" launches: the first prepared one after the last that was launched, else the first prepared. */
export function nextCard(cards: readonly Card[]): Card | null {
  const last = lastIndex(cards, card => card.state !== 'prepared')
  return cards.slice(last + 1).find(card => card.state === 'prepared') ?? cards.find(card => card.state === 'prepared') ?? null
}

/** `findLastIndex` without the newest browsers. */
function lastIndex<T>(items: readonly T[], fits: (item: T) => boolean): number {
  for (let index = items.length - 1; index >= 0; index -= 1) if (fits(items[index] as T)) return index
  return -1
}
