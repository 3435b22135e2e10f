/** Courses, kinds of lessons, what is due, and calendars (docs/protocol.md, section 4). No clock. */

import type { Lesson, LessonDraft, LessonKind, Named } from './model'
import { randomId, type Rest } from './rest'

export const KINDS: readonly LessonKind[] = ['lecture', 'members_meeting', 'committee_meeting', 'group_meeting', 'party_class', 'theme_day']
export const REPEATS = ['week', 'month', 'weekday'] as const
export const DUE_STATES = ['overdue', 'open', 'planned', 'held'] as const
export const EVERY = ['month', 'quarter', 'planned'] as const

export interface Course { id: string, title: string, unit: Named, note: string, closed: boolean, lessons: number, may_edit: boolean, version: number }
export interface Repeats { every: typeof REPEATS[number], times: number, between: number, numbered: boolean }
export interface Series { id: string, lessons: Lesson[] }
export interface Due { unit: Named, kind: LessonKind, since: string, until: string, due: string, wanted: number, held: number, planned: number, state: typeof DUE_STATES[number], owing: Named[] }
export interface KindRule { id: string, unit: Named | null, kind: LessonKind, since: string | null, every: typeof EVERY[number], times: number, day: number | null, above: boolean, holds: boolean }
export interface KindRuleDraft { unit_id: string, kind: LessonKind, since: string, every: KindRule['every'], times: number, day: number | null, above: boolean }
export interface Feed { created_at: string, used_at: string | null, path: string | null }

export class CalendarCalls {
  constructor(private readonly rest: Rest) {}

  courses = async () => (await this.rest.json<{ items: Course[] }>('GET', '/api/v1/courses')).items
  addCourse = (draft: { unit_id: string, title: string, note: string }) => this.rest.command<Course>('/api/v1/courses', { ...draft })
  changeCourse = (course: Course, draft: { title: string, note: string, closed: boolean }) =>
    this.rest.json<Course>('PUT', `/api/v1/courses/${course.id}`, { body: { command_id: randomId(), ...draft }, etag: `"${course.version}"` })

  planSeries = (draft: LessonDraft, repeats: Repeats) => this.rest.command<Series>('/api/v1/lesson-series', { ...draft, ...repeats })
  undoSeries = (id: string) => this.rest.command<{ cancelled: number, kept: Lesson[] }>(`/api/v1/lesson-series/${id}/undo`, {})
  dues = (on?: string) => this.rest.json<{ on: string, items: Due[] }>('GET', `/api/v1/dues${on ? `?on=${on}` : ''}`)
  kindRules = () => this.rest.json<{ rules: KindRule[], usual: KindRule[] }>('GET', '/api/v1/kind-rules')
  addKindRule = (draft: KindRuleDraft) => this.rest.command<KindRule>('/api/v1/kind-rules', { ...draft })
  feed = async () => (await this.rest.json<{ feed: Feed | null }>('GET', '/api/v1/calendar-feed')).feed
  makeFeed = () => this.rest.json<Feed>('POST', '/api/v1/calendar-feed', { body: {} })
  dropFeed = () => this.rest.json<undefined>('DELETE', '/api/v1/calendar-feed')
}

// ---- a month on the wall: months are YYYY-MM, days YYYY-MM-DD, both of this device ----------------------------

const two = (value: number) => String(value).padStart(2, '0')
const written = (at: Date) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
const first = (month: string) => new Date(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1, 1)

/** What an address says, else `fallback`. */
export function monthOf(text: unknown, fallback: string): string {
  return typeof text === 'string' && /^2\d{3}-(0[1-9]|1[0-2])$/.test(text) ? text : fallback
}

export function shifted(month: string, by: number): string {
  const at = first(month)
  return written(new Date(at.getFullYear(), at.getMonth() + by, 1)).slice(0, 7)
}

/** Whole weeks from Monday on that hold the month. */
export function daysOf(month: string): string[] {
  const at = first(month)
  const before = (at.getDay() + 6) % 7
  const length = new Date(at.getFullYear(), at.getMonth() + 1, 0).getDate()
  const weeks = Math.ceil((before + length) / 7)
  return Array.from({ length: weeks * 7 }, (_, index) => written(new Date(at.getFullYear(), at.getMonth(), 1 - before + index)))
}

/** From the first moment of the first day to that after the last, for the server. */
export function boundsOf(days: readonly string[]): { since: string, until: string } {
  const [from, to] = [days[0] ?? '', days.at(-1) ?? '']
  const after = new Date(`${to}T00:00:00`)
  after.setDate(after.getDate() + 1)
  return { since: new Date(`${from}T00:00:00`).toISOString(), until: after.toISOString() }
}

/** By day of this device, each by start; days without any are left out. */
export function byDay(lessons: readonly Lesson[]): Map<string, Lesson[]> {
  const found = new Map<string, Lesson[]>()
  for (const lesson of [...lessons].sort((a, b) => a.starts_at.localeCompare(b.starts_at))) {
    const key = written(new Date(lesson.starts_at))
    found.set(key, [...found.get(key) ?? [], lesson])
  }
  return found
}
