/** 微视频: shapes of docs/protocol.md (Micro-videos), the order of a list, and what a film that comes in pieces needs. No I/O. */

import type { PaperQuestion, Step } from './makeup'
import type { Named } from './model'

export type MicroState = 'draft' | 'uploading' | 'queued' | 'converting' | 'failed' | 'ready' | 'published' | 'retired'

export interface MicroTerms {
  short_minutes: number
  long_minutes: number
  short_hundredths: number
  middle_hundredths: number
  long_hundredths: number
  test_hundredths: number
  watched_percent: number
  right_percent: number
  attempts: number
  pause_minutes: number
  most_rate_percent: number
}

export interface MicroVideo {
  id: string
  course_id: string
  position: number
  title: string
  state: MicroState
  skips: boolean
  asks: boolean
  duration_ms: number
  bytes: number
  copied: boolean
  progress: number
  code: string | null
  text: string | null
  text_en: string | null
  upload: { id: string, size_bytes: number, expires_at: string } | null
  created_by: string
  created_at: string
  published_at: string | null
  retired_at: string | null
  /** It was retired for so long that its film was deleted. */
  film_gone: boolean
  version: number
}
export interface MicroVideos { items: MicroVideo[], may_edit: boolean }
export interface Standing { id: string, video_id: string, size_bytes: number, offset: number, expires_at: string, done: boolean, tail?: { since: number, sha256: string } | null }

export interface MicroQuestion extends PaperQuestion { correct: string[], explanation: string, mark_ms: number | null }
export interface MicroQuestionDraft { kind: PaperQuestion['kind'], text: string, options: string[], correct: number[], explanation: string, mark_ms: number | null }

export interface StudyRow {
  id: string
  position: number
  title: string
  duration_ms: number
  step: Step
  progress: number
  hundredths: number
  test_hundredths: number
  questions: number
  done_at: string | null
}
export interface CourseStudy { id: string, title: string, unit: Named, note: string, done: number, total: number, next_id: string | null, items: StudyRow[] }
export interface Mark extends PaperQuestion { mark_ms: number, answered: boolean }
export interface MicroStudy {
  id: string
  course: Named
  title: string
  duration_ms: number
  counts: boolean
  step: Step
  progress: number
  position_ms: number
  reached_ms: number
  skips: boolean
  terms: MicroTerms
  hundredths: number
  test_hundredths: number
  questions: number
  next_attempt_at: string | null
  attempt_id: string | null
  marks: Mark[]
  next_id: string | null
  done_at: string | null
}

export const USUAL_MICRO: MicroTerms = { short_minutes: 15, long_minutes: 30, short_hundredths: 25, middle_hundredths: 50, long_hundredths: 100, test_hundredths: 50, watched_percent: 90, right_percent: 60, attempts: 3, pause_minutes: 10, most_rate_percent: 200 }

/** Where a film's own clock begins. */
const BEGINS_MS = Date.UTC(2000, 0, 1)
export const dateOfMark = (markMs: number) => new Date(BEGINS_MS + markMs).toISOString()

/** How far somebody is in a whole course: every video counts the same. */
export function courseProgress(course: CourseStudy): number {
  if (!course.items.length) return 0
  const whole = course.items.reduce((sum, one) => sum + (one.step === 'done' ? 100 : Math.min(99, one.progress)), 0)
  return Math.floor(whole / course.items.length)
}

/** The list with one of it a place further up or down; the same list where it can't go there. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list]
  if (to < 0 || to >= list.length || from === to) return next
  const [one] = next.splice(from, 1)
  if (one !== undefined) next.splice(to, 0, one)
  return next
}

export const WORKING: readonly MicroState[] = ['uploading', 'queued', 'converting']

// ---- a film in pieces --------------------------------------------------------------------------------------

export const PIECE_BYTES = 4 * 1024 * 1024
export const MOST_FILM_BYTES = 2 * 1024 * 1024 * 1024
/** What is next of a file of which `offset` bytes are there. */
export const pieceAfter = (offset: number, size: number): [number, number] => [offset, Math.min(size, offset + PIECE_BYTES)]
/** By this a file is known again on the same device. */
export const markOfFile = (file: { name: string, size: number, lastModified: number }) => `${file.size}-${file.lastModified}-${file.name}`
/** How long to wait before the `tries`th new try. */
export const waitBefore = (tries: number) => Math.min(30_000, 1000 * 2 ** Math.min(tries, 5))
/** Of `Upload-Metadata`: base64 of UTF-8. */
export const base64 = (bytes: Uint8Array) => btoa(Array.from(bytes, one => String.fromCharCode(one)).join(''))
export const metadataOf = (name: string) => `filename ${base64(new TextEncoder().encode(name))}`
export const hex = (bytes: Uint8Array) => Array.from(bytes, one => one.toString(16).padStart(2, '0')).join('')
/** "3:05" or "1:02:03" as milliseconds; null for anything else. */
export function timeOf(text: string): number | null {
  const parts = text.trim().split(':')
  if (parts.length < 2 || parts.length > 3 || !parts.every(one => /^\d{1,2}$/.test(one))) return null
  return parts.reduce((sum, one) => sum * 60 + Number(one), 0) * 1000
}
