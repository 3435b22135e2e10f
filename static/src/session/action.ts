/** The phone's one contextual action and its status strip, decided without I/O. */

import type { Attendance, LessonLogEvent, LessonState, Quiz } from '@/protocol/model'
import type { SheetView } from '@/protocol/sheet'

export type ActionName =
  | 'sign-in-phone' // one tap
  | 'sign-in-venue' // opens the ways of a venue: scan, type
  | 'answer' // a question runs and waits for this member
  | 'see-result' // of the last question, not looked at yet
  | 'none'

export interface ActionWorld {
  attendance: Attendance | null
  /** The question of the sheet, and what it shows of it; null: there is none. */
  quiz: Quiz | null
  view: SheetView | null
  sheetOpen: boolean
  /** The result of that question was seen. */
  seen: boolean
}

/** A paper that saves itself (`savesItself`, not drawn in here: the sign-in page would load it) waits until it is handed in. */
const waits = (quiz: Quiz, view: SheetView | null): boolean => view === 'choose' || view === 'failed' || (view === 'sent' && Boolean(quiz.run) && quiz.keep === 'last' && quiz.closed_at === null)

/** Seconds count in a question, minutes in a sign-in: a running question goes first. */
export function actionOf({ attendance, quiz, view, sheetOpen, seen }: ActionWorld): ActionName {
  if (quiz && !sheetOpen && waits(quiz, view)) return 'answer'
  if (mustSignIn(attendance)) return attendance.lesson_venue || arriving(attendance) ? 'sign-in-venue' : 'sign-in-phone'
  if (quiz && !sheetOpen && view === 'result' && !seen) return 'see-result'
  return 'none'
}

export function mustSignIn(attendance: Attendance | null): attendance is Attendance {
  if (attendance === null || !attendance.sign_in_open) return false
  return attendance.sign_in ? arriving(attendance) : attendance.expected || attendance.added
}

/** Signed in before the room broke down, and on the way to another one: its code says that they are there. */
export function arriving(attendance: Attendance | null): boolean {
  return Boolean(attendance?.sign_in?.arriving)
}

/** In a venue's room: the phone stays silent and shows no video (echo, and 40 phones would fill the room's line). */
export function inVenue(attendance: Attendance | null): boolean {
  return (attendance?.sign_in?.lesson_venue_id ?? null) !== null
}

/** Expected in a room and not seen there: the picture is offered only to somebody who says that they are not there. */
export function awaitedInVenue(attendance: Attendance | null): boolean {
  return arriving(attendance) || (attendance !== null && attendance.lesson_venue !== null && attendance.sign_in === null)
}

/** A venue's people were moved, or came back: whoever was one of them looks at the own attendance again. */
export function concerns(event: LessonLogEvent, attendance: Attendance | null): boolean {
  if (event.kind === 'lesson.changed') return true
  const place = event.data.lesson_venue_id
  if (event.kind === 'venue.failed_over') return place === attendance?.lesson_venue?.id || place === attendance?.sign_in?.lesson_venue_id
  return event.kind === 'venue.restored' && place === attendance?.moved_from?.id
}

export type Standing = 'unknown' | 'signed-in' | 'missing' | 'missed' | 'not-open' | 'guest'

const OVER: readonly LessonState[] = ['ended', 'settled', 'archived']

/** The first words of the strip. 'unknown': nothing is claimed. */
export function standingOf(attendance: Attendance | null, state: LessonState | null): Standing {
  if (attendance === null) return 'unknown'
  if (attendance.sign_in) return 'signed-in'
  if (!attendance.expected && !attendance.added) return state === 'draft' || state === 'scheduled' ? 'not-open' : 'guest'
  if (attendance.sign_in_open) return 'missing'
  return state !== null && OVER.includes(state) ? 'missed' : 'not-open'
}
