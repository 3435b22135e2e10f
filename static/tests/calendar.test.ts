/** A month on the wall, and what is asked of the server for it. */

import { expect, test } from 'vitest'
import { boundsOf, byDay, daysOf, monthOf, shifted } from '@/protocol/calendar'
import type { Lesson } from '@/protocol/model'

test('a month is whole weeks from Monday on', () => {
  for (const month of ['2026-02', '2026-11', '2027-02', '2028-02']) {
    const days = daysOf(month)
    expect(days.length % 7).toBe(0)
    expect(new Date(`${days[0] ?? ''}T00:00:00`).getDay()).toBe(1)
    expect(days.filter(day => day.startsWith(month))).toHaveLength(new Date(Number(month.slice(0, 4)), Number(month.slice(5)), 0).getDate())
    expect([...days].sort()).toEqual(days)
  }
})

test('the months before January and after December are of other years', () => {
  expect(shifted('2026-01', -1)).toBe('2025-12')
  expect(shifted('2026-12', 1)).toBe('2027-01')
})

test('what an address says of a month is looked at', () => {
  expect(monthOf('2026-11', 'x')).toBe('2026-11')
  for (const wrong of ['2026-13', '2026-1', '../etc', null, ['2026-11']]) expect(monthOf(wrong, '2026-12')).toBe('2026-12')
})

test('the server is asked for all of the last day', () => {
  const { since, until } = boundsOf(daysOf('2026-11'))
  expect(Date.parse(until) - Date.parse(since)).toBeGreaterThanOrEqual(34.9 * 86_400_000)
  expect(new Date(until).getHours()).toBe(0)
})

test('lessons of a day stand in their order', () => {
  const at = (id: string, starts: string) => ({ id, starts_at: new Date(starts).toISOString() }) as Lesson
  const found = byDay([at('b', '2026-11-03T10:00:00'), at('a', '2026-11-03T09:00:00'), at('c', '2026-11-04T00:00:00')])
  expect([...found].map(([day, lessons]) => [day, lessons.map(one => one.id)])).toEqual([['2026-11-03', ['a', 'b']], ['2026-11-04', ['c']]])
})
