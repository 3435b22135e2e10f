/** Which faces a lesson offers to this person, the most particular first. */

import type { Lesson } from '@/protocol/model'

export type DoorName = 'desk' | 'console' | 'venue' | 'phone' | 'room' | 'roster'
export interface Door { name: DoorName, to: string }

const OPEN_STATES = ['scheduled', 'open', 'live']

export function doorsOf(lesson: Lesson): Door[] {
  if (!OPEN_STATES.includes(lesson.state)) return []
  const doors: Door[] = []
  const may = (right: Lesson['may'][number]) => lesson.may.includes(right)
  if (lesson.my_venue) doors.push({ name: 'venue', to: `/venue/${lesson.id}` })
  if (may('run')) doors.push({ name: 'console', to: `/console/${lesson.id}` })
  if (may('publish_main')) doors.push({ name: 'desk', to: `/desk/${lesson.id}` })
  if (may('watch')) doors.push({ name: 'phone', to: `/m/${lesson.id}` })
  const room = lesson.my_venue ? undefined : lesson.operates?.[0]
  if (room) doors.push({ name: 'room', to: `/rooms/${lesson.id}/${room}` })
  // Who runs the lesson or a room sees the numbers there.
  if (may('board') && !may('run') && !lesson.my_venue && (!room || may('vouch')) && lesson.state !== 'scheduled') doors.push({ name: 'roster', to: `/branch/${lesson.id}` })
  return doors
}

/** What comes next: on air before open before planned, then the earliest; past ones last and latest first. */
export function inOrder(lessons: readonly Lesson[]): { next: Lesson | null, later: Lesson[], past: Lesson[] } {
  const rank = (lesson: Lesson) => OPEN_STATES.indexOf(lesson.state)
  const coming = lessons.filter(lesson => rank(lesson) >= 0)
    .sort((a, b) => rank(b) - rank(a) || a.starts_at.localeCompare(b.starts_at))
  const past = lessons.filter(lesson => ['ended', 'settled', 'archived'].includes(lesson.state))
    .sort((a, b) => b.starts_at.localeCompare(a.starts_at))
  return { next: coming[0] ?? null, later: coming.slice(1), past }
}

/** Lecturers who also direct still find their desk first when they are this lesson's lecturer. */
export function mainDoor(lesson: Lesson, accountId: string): Door | null {
  const doors = doorsOf(lesson)
  const desk = doors.find(door => door.name === 'desk')
  return (lesson.lecturer?.account_id === accountId ? desk : undefined) ?? doors[0] ?? null
}
