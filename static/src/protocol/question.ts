/** A prepared question of a lesson in the form that the bank's questions have. No I/O. */

import { contentOf, planOf, type BankPlan } from './bank'
import type { Question, QuestionDraft } from './model'

export const MOST_OPTIONS = 10
export const SECONDS = { least: 5, most: 3600 }

/** A, B, C … as everybody calls the options aloud. */
export function letter(index: number): string {
  return String.fromCharCode(65 + index)
}

/** A question that stands, in its form again: of an ordering the options in their right order. */
export function planOfQuestion(question: Question): BankPlan {
  const { kind, text, explanation, seconds } = question
  const texts = new Map(question.options.map(option => [option.id, option.text]))
  const ordering = kind === 'ordering'
  const ids = ordering ? question.correct : question.options.map(option => option.id)
  return planOf({
    kind, text, explanation, seconds, source: '', tags: [], difficulty: 'medium',
    options: ids.map(id => texts.get(id) ?? ''),
    correct: ordering ? [] : ids.flatMap((id, index) => question.correct.includes(id) ? [index] : []),
    blanks: question.blanks ?? [],
    scoring: question.scoring ?? 1,
    picture: question.picture ?? null,
  })
}

/** As the lesson's question is sent: it has no source, tags or difficulty of its own. */
export function draftOf(plan: BankPlan, words: readonly [string, string]): QuestionDraft {
  const { kind, text, options, correct, blanks, scoring, explanation, seconds, picture } = contentOf(plan, words)
  return { kind, text, options, correct, blanks, scoring, explanation, seconds, picture: picture ? { sha256: picture.sha256, alt: picture.alt.trim() } : null }
}
