/** A lesson as it is planned in a form: what is missing in it, and what saving will mean. No I/O, no clock. */

import { hoursText, hundredthsOf } from '@/protocol/hours'
import type { Lesson, LessonDraft, LessonKind } from '@/protocol/model'

export interface Plan {
  title: string
  unitId: string
  lecturerId: string
  date: string // YYYY-MM-DD, this device's zone
  from: string // HH:MM
  to: string
  recorded: boolean
  watermark: boolean
  /** A first watch of the replay may leave parts out. */
  replaySkips: boolean
  /** 学时 as written: "2", "1.5". */
  credit: string
  mainVenue: string
  branches: string[]
  kind: LessonKind
  /** False: on the spot, nothing is sent or recorded. */
  media: boolean
  courseId: string
  /** The 党小组 that holds a group meeting; '': none is named. */
  groupId: string
}

export type PlanFault = 'needTitle' | 'needUnit' | 'needTime' | 'wrongTime' | 'longTime' | 'badCredit'
export const LONGEST_HOURS = 12

const instant = (date: string, time: string) => new Date(`${date}T${time}:00`)

export function faultsOf(plan: Plan): Partial<Record<'title' | 'unit' | 'time' | 'credit', PlanFault>> {
  const faults: Partial<Record<'title' | 'unit' | 'time' | 'credit', PlanFault>> = {}
  if (!plan.title.trim()) faults.title = 'needTitle'
  if (!plan.unitId) faults.unit = 'needUnit'
  const minutes = minutesOf(plan)
  if (minutes === null) faults.time = 'needTime'
  else if (minutes <= 0) faults.time = 'wrongTime'
  else if (minutes > LONGEST_HOURS * 60) faults.time = 'longTime'
  if (hundredthsOf(plan.credit) === null) faults.credit = 'badCredit'
  return faults
}

export function minutesOf(plan: Plan): number | null {
  if (!plan.date || !plan.from || !plan.to) return null
  const minutes = (instant(plan.date, plan.to).getTime() - instant(plan.date, plan.from).getTime()) / 60_000
  return Number.isNaN(minutes) ? null : minutes
}

/** Only for a plan without faults. */
export function draftOf(plan: Plan): LessonDraft {
  const main = plan.mainVenue ? [{ venue_id: plan.mainVenue, part: 'main' as const }] : []
  const branches = plan.branches.filter(id => id !== plan.mainVenue).map(id => ({ venue_id: id, part: 'branch' as const }))
  return {
    title: plan.title.trim(),
    unit_id: plan.unitId,
    lecturer_id: plan.lecturerId || null,
    starts_at: instant(plan.date, plan.from).toISOString(),
    ends_at: instant(plan.date, plan.to).toISOString(),
    recorded: plan.media && plan.recorded,
    watermark: plan.media && plan.watermark,
    replay_skips: plan.media && plan.replaySkips,
    credit_hundredths: hundredthsOf(plan.credit) ?? 0,
    kind: plan.kind,
    media: plan.media,
    course_id: plan.courseId || null,
    group_id: plan.kind === 'group_meeting' && plan.groupId ? plan.groupId : null,
    venues: [...main, ...branches],
  }
}

export function planOf(lesson: Lesson): Plan {
  const starts = local(new Date(lesson.starts_at))
  return {
    title: lesson.title,
    unitId: lesson.unit.id,
    lecturerId: lesson.lecturer?.account_id ?? '',
    date: starts.date,
    from: starts.time,
    to: local(new Date(lesson.ends_at)).time,
    recorded: lesson.recorded,
    watermark: lesson.watermark,
    replaySkips: lesson.replay_skips,
    credit: hoursText(lesson.credit_hundredths),
    mainVenue: lesson.venues.find(one => one.part === 'main')?.venue.id ?? '',
    branches: lesson.venues.filter(one => one.part === 'branch').map(one => one.venue.id),
    kind: lesson.kind,
    media: lesson.media,
    courseId: lesson.course?.id ?? '',
    groupId: lesson.group?.id ?? '',
  }
}

/** The next full hour, for an hour and a half. */
export function emptyPlan(nowMs: number): Plan {
  const hour = 3_600_000
  const start = Math.ceil(nowMs / hour) * hour
  const [from, to] = [local(new Date(start)), local(new Date(start + 1.5 * hour))]
  const date = from.date === to.date ? from : { ...local(new Date(start + 9 * hour)), time: '09:00' }
  return {
    title: '', unitId: '', lecturerId: '', date: date.date, from: date.time, to: from.date === to.date ? to.time : '10:30',
    recorded: true, watermark: false, replaySkips: false, credit: '0', mainVenue: '', branches: [],
    kind: 'lecture', media: true, courseId: '', groupId: '',
  }
}

function local(at: Date): { date: string, time: string } {
  const two = (value: number) => String(value).padStart(2, '0')
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}`,
  }
}
