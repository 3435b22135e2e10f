/** A question as it is written in a form: what is missing, and what is sent. No I/O. */

import type { Question, QuestionKind } from './model'

export interface QuestionPlan { kind: QuestionKind, text: string, options: string[], correct: number[], explanation: string, seconds: number }
export type QuestionFault = 'needText' | 'needOptions' | 'sameOptions' | 'needCorrect' | 'needTwoCorrect' | 'badSeconds'

export const FEWEST_OPTIONS = 2
export const MOST_OPTIONS = 10
export const SECONDS = { least: 5, most: 3600 }

export function emptyQuestion(): QuestionPlan {
  return { kind: 'single', text: '', options: ['', '', '', ''], correct: [], explanation: '', seconds: 60 }
}

/** Options that were left empty do not count; the right ones keep pointing at what they pointed at. */
export function filled(plan: QuestionPlan): { options: string[], correct: number[] } {
  const kept = plan.options.map((text, index) => ({ text: text.trim(), index })).filter(one => one.text !== '')
  return { options: kept.map(one => one.text), correct: kept.flatMap((one, at) => plan.correct.includes(one.index) ? [at] : []) }
}

export function faultsOfQuestion(plan: QuestionPlan): Partial<Record<'text' | 'options' | 'correct' | 'seconds', QuestionFault>> {
  const faults: Partial<Record<'text' | 'options' | 'correct' | 'seconds', QuestionFault>> = {}
  if (!plan.text.trim()) faults.text = 'needText'
  if (!Number.isInteger(plan.seconds) || plan.seconds < SECONDS.least || plan.seconds > SECONDS.most) faults.seconds = 'badSeconds'
  const { options, correct } = plan.kind === 'true_false' ? { options: ['1', '2'], correct: plan.correct } : filled(plan)
  if (options.length < FEWEST_OPTIONS) faults.options = 'needOptions'
  else if (new Set(options).size < options.length) faults.options = 'sameOptions'
  if (correct.length === 0) faults.correct = 'needCorrect'
  else if (plan.kind === 'multiple' && correct.length < 2) faults.correct = 'needTwoCorrect'
  return faults
}

/** Choosing an option as right: one replaces the other unless several may be right. */
export function marked(plan: QuestionPlan, index: number): number[] {
  if (plan.kind !== 'multiple') return [index]
  return plan.correct.includes(index) ? plan.correct.filter(one => one !== index) : [...plan.correct, index].sort((a, b) => a - b)
}

/** Another kind of question keeps what still fits. */
export function ofKind(plan: QuestionPlan, kind: QuestionKind): QuestionPlan {
  const correct = kind === 'multiple' ? plan.correct : plan.correct.slice(0, 1).filter(index => kind !== 'true_false' || index < 2)
  return { ...plan, kind, correct }
}

/** A, B, C … as everybody calls the options aloud. */
export function letter(index: number): string {
  return String.fromCharCode(65 + index)
}

/** A question that stands, in its form again. */
export function planOfQuestion(question: Question): QuestionPlan {
  const { kind, text, explanation, seconds } = question
  const correct = question.options.flatMap((option, index) => question.correct.includes(option.id) ? [index] : [])
  return { kind, text, options: question.options.map(option => option.text), correct, explanation, seconds }
}
