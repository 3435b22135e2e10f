/** Courses, kinds of lessons and calendars (docs/protocol.md, section 4). */

import type { LessonKind, Named } from './model'
import type { Rest } from './rest'

export const KINDS: readonly LessonKind[] = ['lecture', 'members_meeting', 'committee_meeting', 'group_meeting', 'party_class', 'theme_day']

export interface Course { id: string, title: string, unit: Named, note: string, closed: boolean, lessons: number, may_edit: boolean, version: number }

export class CalendarCalls {
  constructor(private readonly rest: Rest) {}

  courses = async () => (await this.rest.json<{ items: Course[] }>('GET', '/api/v1/courses')).items
}
