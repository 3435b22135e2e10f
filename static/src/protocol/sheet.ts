/** What a member sees of a quiz, decided without I/O. The server decides what counts; this only shows. */

import type { LessonLogEvent, QuestionKind, Quiz, QuizCount, QuizOption, QuizResult, UnitRatio } from './model'

/** How far the own answer got. */
export type Sending =
  | { readonly name: 'none' }
  | { readonly name: 'sending', readonly choice: readonly string[], readonly again: boolean }
  /** The server refused, or nobody answered: `code` says which. */
  | { readonly name: 'failed', readonly choice: readonly string[], readonly code: string }

export const NOTHING_SENT: Sending = { name: 'none' }

export type SheetView =
  | 'choose' // the question, to be answered
  | 'sending'
  | 'failed' // with a sentence, and another try where one makes sense
  | 'sent' // 已提交
  | 'paused' // its time stands still
  | 'handed' // 已交卷: nothing of the paper changes any more
  | 'over' // the time is up, the result not here yet
  | 'result'

export function viewOf(quiz: Quiz, sending: Sending, over: boolean): SheetView {
  if (quiz.result !== null) return 'result'
  if (quiz.run?.handed_in_at && quiz.closed_at === null) return 'handed'
  if (quiz.my_choice !== null && !isChanging(quiz, sending, over)) return 'sent'
  if (sending.name === 'sending') return 'sending'
  if (sending.name === 'failed') return 'failed'
  if (over || quiz.closed_at !== null) return 'over'
  return quiz.paused_at ? 'paused' : 'choose'
}

/** Where the last answer counts, another one is on its way or did not get through. Until it is taken the former stands. */
function isChanging(quiz: Quiz, sending: Sending, over: boolean): boolean {
  if (quiz.keep !== 'last' || sending.name === 'none') return false
  return sending.name === 'sending' || (!over && quiz.closed_at === null && sending.code !== 'already_answered')
}

/** What lies marked: being made, on its way, or standing. */
export function shownAnswer(quiz: Quiz, sending: Sending, view: SheetView, draft: readonly string[]): readonly string[] {
  if ((view === 'sending' || view === 'failed') && sending.name !== 'none') return sending.choice
  return quiz.my_choice ?? draft
}

/** The moment that a countdown shows: of one whose time stands still the moment since when it does. */
export function momentOf(quiz: Quiz | null, serverNowMs: number): number {
  return quiz?.paused_at ? Date.parse(quiz.paused_at) : serverNowMs
}

export const CHOICES: readonly QuestionKind[] = ['single', 'multiple', 'true_false']

/** An answer before anything was done: an ordering is what lies there, texts are empty. */
export function blankAnswer(quiz: Pick<Quiz, 'kind' | 'options' | 'places'>): string[] {
  if (quiz.kind === 'ordering') return quiz.options.map(one => one.id)
  return Array.from({ length: quiz.places ?? 0 }, () => '')
}

/** What is sent of a draft; null: there is nothing to send yet. */
export function answerOf(quiz: Pick<Quiz, 'kind' | 'places'>, draft: readonly string[]): string[] | null {
  const written = draft.map(one => one.trim())
  if (quiz.kind === 'word_cloud') return written.some(Boolean) ? written.filter(Boolean) : null
  if (quiz.places) return written.some(Boolean) ? written : null
  return draft.length > 0 ? [...draft] : null
}

/** Options of a fill-in's result: what each blank accepts. Of an ordering: the right order. */
export function shownOptions(quiz: Quiz): QuizOption[] {
  const { result } = quiz
  if (quiz.kind === 'fill_in') return (result?.blanks ?? []).map((accepted, index) => ({ id: String(index + 1), text: accepted.join(' / ') }))
  if (quiz.kind !== 'ordering' || !result) return quiz.options
  return result.correct.flatMap(id => quiz.options.filter(one => one.id === id))
}

/** Single and true/false: the new one instead of the old; multiple: in or out. In the order of the options. */
export function chosen(quiz: Quiz, before: readonly string[], option: string): string[] {
  if (quiz.kind !== 'multiple') return [option]
  const wanted = before.includes(option) ? before.filter(one => one !== option) : [...before, option]
  return quiz.options.map(one => one.id).filter(id => wanted.includes(id))
}

export type OwnOutcome = 'right' | 'partly' | 'wrong' | 'missed' | 'given'

/** 'missed': nothing was handed in; 'given': nothing is right in it, or the server has not said yet. */
export function outcomeOf(quiz: Quiz): OwnOutcome {
  if (quiz.my_choice === null || quiz.result === null) return 'missed'
  const marks = quiz.my_marks ?? null
  if (marks !== null) return marks === 100 ? 'right' : marks > 0 ? 'partly' : 'wrong'
  if (!CHOICES.includes(quiz.kind)) return 'given'
  const [mine, right] = [[...quiz.my_choice].sort(), [...quiz.result.correct].sort()]
  return mine.length === right.length && mine.every((id, index) => id === right[index]) ? 'right' : 'wrong'
}

/** Whole percent of those who answered; 0 when nobody did. */
export function share(count: number, of: number): number {
  return of > 0 ? Math.round(100 * count / of) : 0
}

export function ownUnit(result: QuizResult, unitId: string | null): UnitRatio | null {
  return result.units.find(unit => unit.unit_id === unitId) ?? (result.units.length === 1 ? result.units[0] ?? null : null)
}

/** The list after an event: launched appends, closed brings the result. Everything else leaves it as it is. */
export function afterEvent(quizzes: readonly Quiz[], lessonId: string, event: LessonLogEvent): readonly Quiz[] {
  if (event.kind === 'quiz.launched') return launched(quizzes, lessonId, event)
  if (event.kind === 'quiz.closed' || event.kind === 'quiz.remarked') return closed(quizzes, event)
  if (event.kind === 'quiz.timed') return timed(quizzes, event)
  if (event.kind === 'quiz.reopened') return reopened(quizzes, event)
  return quizzes
}

/** The server has taken an own answer; whoever put the former one in (协助作答), this one is the member's. */
export function afterOwn(quiz: Quiz, choice: string[], nth: number): Quiz {
  return { ...quiz, my_choice: choice, my_nth: nth, my_helped: nth > (quiz.my_nth ?? 0) ? null : quiz.my_helped }
}

/** What was approved comes to staff and screens with the count. */
export function withOpinions(quizzes: readonly Quiz[], count: QuizCount | null): readonly Quiz[] {
  const { quiz_id: id, opinions } = count ?? {}
  return opinions ? quizzes.map(quiz => quiz.id === id ? { ...quiz, opinions } : quiz) : quizzes
}

type Timed = Pick<Quiz, 'seconds' | 'deadline_at' | 'paused_at'> & { quiz_id: string }

function timed(quizzes: readonly Quiz[], event: LessonLogEvent): readonly Quiz[] {
  const { quiz_id: id, seconds, deadline_at, paused_at } = event.data as unknown as Timed
  return quizzes.map(quiz => quiz.id === id ? { ...quiz, seconds, deadline_at, paused_at } : quiz)
}

/** What was told when it was closed is no result any more. */
function reopened(quizzes: readonly Quiz[], event: LessonLogEvent): readonly Quiz[] {
  const { quiz_id: id, round, reason } = event.data as unknown as { quiz_id: string, round: number, reason: string }
  return timed(quizzes, event).map(quiz => quiz.id === id ? { ...quiz, closed_at: null, result: null, my_marks: null, opinions: null, round, reopen_reason: reason, run: quiz.run && { ...quiz.run, handed_in_at: null } } : quiz)
}

type Launched = Pick<Quiz, 'question_id' | 'number' | 'kind' | 'text' | 'options' | 'seconds' | 'deadline_at' | 'scored' | 'places' | 'keep' | 'picture'> & { quiz_id: string }

function launched(quizzes: readonly Quiz[], lessonId: string, event: LessonLogEvent): readonly Quiz[] {
  const { quiz_id: id, question_id, number, kind, text, options, seconds, deadline_at, scored, places, keep, picture } = event.data as unknown as Launched
  if (quizzes.some(quiz => quiz.id === id)) return quizzes
  return [...quizzes, {
    id, lesson_id: lessonId, question_id, number, kind, text, options, seconds, launched_at: event.at, deadline_at, closed_at: null,
    server_time: event.at, my_choice: null, answered: null, expected: null, result: null, scored, places, keep, picture,
  }]
}

type Closed = Omit<QuizResult, 'units'> & { quiz_id: string }

/** The ratio of units is not in the event: a result that has it is kept. Without what is right (who makes the lesson up
 *  and still owes the questions is not told) it is closed and no more. */
function closed(quizzes: readonly Quiz[], event: LessonLogEvent): readonly Quiz[] {
  const { quiz_id: id, answered, right, distribution, correct, explanation, blanks, marks } = event.data as unknown as Closed
  const { remark, reason } = event.data as { remark?: number, reason?: string }
  return quizzes.map(quiz => quiz.id !== id ? quiz : {
    ...quiz, closed_at: quiz.closed_at ?? event.at, paused_at: null, my_marks: remark === undefined ? quiz.my_marks ?? null : null,
    result: event.data.correct === undefined ? quiz.result : {
      answered, right, distribution, correct, explanation, blanks, marks, units: quiz.result?.units ?? [],
      ...(remark === undefined ? {} : { remarked: { number: remark, correct: quiz.result?.correct ?? [], reason: reason ?? '', at: event.at } }),
    },
  })
}

/** What was read of the server and what was heard meanwhile: the later state of each question, and no answer is forgotten. */
export function merged(read: readonly Quiz[], known: readonly Quiz[]): readonly Quiz[] {
  const before = new Map(known.map(quiz => [quiz.id, quiz]))
  const both = read.map((quiz) => {
    const old = before.get(quiz.id)
    if (!old) return quiz
    const mine = quiz.my_choice && (quiz.my_nth ?? 0) >= (old.my_nth ?? 0) ? quiz : old
    const { my_choice, my_nth } = mine.my_choice ? mine : quiz
    const [now, then] = [quiz.round ?? 1, old.round ?? 1]
    if (now > then) return { ...quiz, my_choice, my_nth }
    if (now < then) return { ...old, my_choice, my_nth }
    return { ...quiz, run: stillHanded(quiz, old), my_choice, my_nth, closed_at: quiz.closed_at ?? old.closed_at, result: quiz.result ?? old.result, my_marks: quiz.my_marks ?? old.my_marks }
  })
  const listed = new Set(read.map(quiz => quiz.id))
  return [...both, ...known.filter(quiz => !listed.has(quiz.id))].sort((a, b) => a.number - b.number)
}

/** Read before it was handed in, and heard of after. */
const stillHanded = (quiz: Quiz, old: Quiz): Quiz['run'] => quiz.run?.handed_in_at ? quiz.run : quiz.run && { ...quiz.run, handed_in_at: old.run?.handed_in_at ?? null }

/** Those that were opened again since: what was refused in the round before may be answered now. */
export function openedAgain(now: readonly Quiz[], before: readonly Quiz[]): string[] {
  const rounds = new Map(before.map(one => [one.id, one.round ?? 1]))
  return now.filter(one => (one.round ?? 1) > (rounds.get(one.id) ?? Infinity)).map(one => one.id)
}

/** What everybody speaks of: the question that runs, also one of long ago that was opened again; else the one closed last. */
export function latestOf(quizzes: readonly Quiz[]): Quiz | null {
  const open = quizzes.filter(one => one.closed_at === null)
  const closedLast = (last: Quiz | null, one: Quiz) => last && Date.parse(last.closed_at ?? '') > Date.parse(one.closed_at ?? '') ? last : one
  return open[open.length - 1] ?? quizzes.reduce<Quiz | null>(closedLast, null)
}

/** The question that runs now. */
export function runningOf(quizzes: readonly Quiz[]): Quiz | null {
  const latest = latestOf(quizzes)
  return latest?.closed_at === null ? latest : null
}
