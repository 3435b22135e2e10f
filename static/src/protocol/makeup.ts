/** 补学: shapes of docs/protocol.md (Make-up study), and how a page says where its player is. No I/O. */

import type { AttendanceStanding, Named, QuestionKind } from './model'
import type { Picture } from './shownpicture'

export type Step = 'not_started' | 'watching' | 'questions' | 'done' | 'expired' | 'withdrawn'
export type Heard = 'credited' | 'begun' | 'known' | 'waits' | 'too_fast' | 'too_long_ago' | 'ahead' | 'not_fetched'

export interface MakeUpTerms {
  days: number
  watched_percent: number
  right_percent: number | null
  attempts: number
  pause_minutes: number
  credit_percent: number
  late: boolean
  left_early: boolean
  on_leave: boolean
  most_rate_percent: number
  /** Of what was asked in the lesson, answered at its marks; null: answers there count for nothing. */
  marked_percent: number | null
}

export interface Extension { by: { account_id: string, name: string }, at: string, deadline_at: string, reason: string, more_attempts: number }

export interface MakeUp {
  id: string
  lesson: { id: string, title: string }
  starts_at: string
  recording_id: string
  standing: AttendanceStanding
  step: Step
  offered_at: string
  deadline_at: string
  hundredths: number
  terms: MakeUpTerms
  skips: boolean
  /** Whole percents of what is to be watched; 100 is enough. */
  progress: number
  position_ms: number
  reached_ms: number
  questions: number
  attempts_left: number
  next_attempt_at: string | null
  attempt_id: string | null
  passed: boolean
  marks: MarkTold[]
  marks_asked: number
  marks_missing: number
  done_at: string | null
  extensions: Extension[]
}

export interface BranchMakeUp {
  id: string
  lesson: { id: string, title: string }
  member: Named
  unit: Named
  standing: AttendanceStanding
  step: Step
  deadline_at: string
  reminded_at: string | null
  may_remind: boolean
  attempts_left: number
  extensions: Extension[]
  own: boolean
}

export interface PaperQuestion { id: string, kind: QuestionKind, text: string, options: { id: string, text: string }[], places?: number, picture?: Picture | null }
export interface Attempt {
  id: string
  number: number
  questions: PaperQuestion[]
  submitted_at: string | null
  right: number | null
  passed: boolean
  solutions: { question_id: string, right: boolean, correct: string[], explanation: string, blanks?: string[][] }[]
}

/** What came of an answer at a mark; the first one, which stays. `right` null: kept back until the questions are passed. */
export interface MarkTold { question_id: string, choice: string[], right: boolean | null, correct: string[], explanation: string }
/** What became of an offer, beside the verdict. */
export interface MadeUp { id: string, state: 'open' | 'done' | 'withdrawn', marks_asked: number, marks_answered: number, marks_right: number | null }
export interface Told { heard: Heard, step: Step, progress: number, reached_ms: number, position_ms: number }
/** Where the player is, and whether it plays from here on. */
export interface Place { position_ms: number, rate_percent: number, playing: boolean, visible: boolean }
export interface Beat extends Place { device: string, number: number }

export const OPEN: readonly Step[] = ['not_started', 'watching', 'questions']

/** Beats that wait for the line: while somebody just goes on watching only the newest place matters. */
export function queued(waiting: readonly Place[], next: Place): Place[] {
  const last = waiting.at(-1)
  const goesOn = last !== undefined && counts(last) && counts(next) && next.position_ms >= last.position_ms && waiting.length > 1
  return [...(goesOn ? waiting.slice(0, -1) : waiting), next].slice(-MOST_WAITING)
}
/** What did not get through, and what waited behind it: of somebody who just went on watching only the newest place. Said
 *  one by one when the line is back, the later ones would come too fast after the first, and count nothing. */
export function caughtUp(failed: Place, waiting: readonly Place[]): Place[] {
  let [place, rest] = [failed, waiting]
  for (let next = rest[0]; next && counts(place) && next.position_ms >= place.position_ms; next = rest[0]) [place, rest] = [next, rest.slice(1)]
  return [place, ...rest]
}
const MOST_WAITING = 20
const counts = (place: Place) => place.playing && place.visible

/** Whether what the server knows is so far behind the player that it has to go back there. */
export function mustReturn(told: Told, atMs: number, skips: boolean): boolean {
  return !skips && !NOTED.includes(told.heard) && atMs > told.reached_ms + RETURN_MS
}
const RETURN_MS = 3_000
const NOTED: readonly Heard[] = ['credited', 'known', 'waits']

/** An option was tapped. */
export function tapped(kind: PaperQuestion['kind'], chosen: readonly string[], option: string): string[] {
  if (kind !== 'multiple') return [option]
  return chosen.includes(option) ? chosen.filter(one => one !== option) : [...chosen, option]
}
