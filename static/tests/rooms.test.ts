import { describe, expect, it } from 'vitest'
import type { DirectorNotice, Help } from '@/protocol/model'
import { looking, whole } from '@/session/looking'
import { contactOf, dayOffset, daysWrong, heldAtAll, lastDay, walkInState, wantedDays, type WalkIn } from '@/protocol/rooms'

describe('days of operators', () => {
  it('what is left empty is the server’s to say', () => {
    expect(wantedDays('', '')).toEqual({ since: null, until: null })
    expect(wantedDays('  ', '2026-12-31')).toEqual({ since: null, until: '2027-01-01' })
  })

  it('the last day that counts becomes the first that does not, and back', () => {
    for (const day of ['2026-02-28', '2028-02-28', '2026-12-31', '2026-03-28', '2026-10-24']) {
      const { until } = wantedDays('', day)
      expect(lastDay(until ?? '')).toBe(day)
    }
    expect(dayOffset('2028-02-28', 1)).toBe('2028-02-29')
    expect(dayOffset('2026-03-29', -1)).toBe('2026-03-28')
  })

  it('the past and a last day before the first are told before they are sent', () => {
    expect(daysWrong('', '', '2026-11-26')).toBeNull()
    expect(daysWrong('2026-11-25', '', '2026-11-26')).toBe('past')
    expect(daysWrong('', '2026-11-25', '2026-11-26')).toBe('order')
    expect(daysWrong('2026-12-02', '2026-12-01', '2026-11-26')).toBe('order')
    expect(daysWrong('2026-12-01', '2026-12-01', '2026-11-26')).toBeNull()
  })

  it('begun and ended on one day it held on none', () => {
    expect(heldAtAll({ since: '2026-11-26', until: '2026-11-26' })).toBe(false)
    expect(heldAtAll({ since: '2026-11-26', until: '2026-11-27' })).toBe(true)
    expect(heldAtAll({ since: '2026-11-26', until: null })).toBe(true)
  })
})

describe('what is looked at by the clock', () => {
  /** Answers come when they are let. */
  function slow() {
    const waiting: ((answer: number) => void)[] = []
    const seen: number[] = []
    const { read, look } = looking(() => new Promise<number>((answer) => { waiting.push(answer) }), (one) => { seen.push(one) }, () => { /* none here */ })
    return { waiting, seen, read, look }
  }

  it('a line that is slower than the clock shows something all the same', async () => {
    const { waiting, seen, read, look } = slow()
    const first = read()
    look()
    look()
    expect(waiting).toHaveLength(1)
    waiting[0]?.(1)
    await first
    expect(seen).toEqual([1])
    look()
    expect(waiting).toHaveLength(2)
  })

  it('what was asked after an act goes before what was asked earlier', async () => {
    const { waiting, seen, read } = slow()
    const both = [read(), read()]
    waiting[1]?.(2)
    waiting[0]?.(1)
    await Promise.all(both)
    expect(seen).toEqual([2])
  })
})

describe('what the director and the room say to each other', () => {
  const call = (id: string, room: string | null, state: Help['state']): Help => ({
    id, lesson_venue_id: room, name: '一', urgency: 'normal', text: '', state, asked_at: '2026-11-22T01:00:00Z', answer: '', answered_at: null, answered_by: null, closed_at: null,
  })
  const notice = (id: string, mine: boolean): DirectorNotice => ({ id, text: id, sent_at: '2026-11-22T01:00:00Z', sent_by: '会控', venues: 2, read: 0, unread: [], mine })

  it('an answered call of this room stays in sight until it is closed; other rooms’ and the lecturer’s are theirs', () => {
    const calls = [call('a', 'other', 'waiting'), call('b', null, 'waiting'), call('c', 'room', 'answered')]
    expect(contactOf(calls, [], 'room').call?.id).toBe('c')
    expect(contactOf([call('d', 'room', 'closed')], [], 'room').call).toBeNull()
  })

  it('a notice stays until somebody there has read it, the first one first', () => {
    expect(contactOf([], [notice('third', false), notice('second', false), notice('first', true)], 'room').notice?.id).toBe('second')
    expect(contactOf([], [notice('new', true)], 'room').notice).toBeNull()
  })
})

it('of who came unlisted it is said why he can’t be entered, or what entering means', () => {
  const one: WalkIn = { member_id: 'm', name: '学员', number: '10010', unit: { id: 'u', name: '支部' }, on_roster: true, lesson_venue_id: 'hall', signed_in_at: null, signed_in_venue_id: null, own: false }
  const state = (change: Partial<WalkIn>) => walkInState({ ...one, ...change }, 'room')
  expect(state({})).toBe('elsewhere')
  expect(state({ lesson_venue_id: null })).toBe('elsewhere')
  expect(state({ lesson_venue_id: 'room' })).toBe('here')
  expect(state({ on_roster: false, lesson_venue_id: null })).toBe('unlisted')
  expect(state({ signed_in_at: '2026-11-22T01:00:00Z' })).toBe('signed')
  expect(state({ own: true, signed_in_at: '2026-11-22T01:00:00Z' })).toBe('own')
})

it('who is missing on the last page of a large room is in the list', async () => {
  const pages: Record<string, { items: string[], next_cursor: string | null }> = {
    '': { items: ['一'], next_cursor: 'a' }, a: { items: ['二'], next_cursor: 'b' }, b: { items: ['三'], next_cursor: null },
  }
  expect(await whole(cursor => Promise.resolve(pages[cursor ?? ''] ?? { items: [], next_cursor: null }))).toEqual(['一', '二', '三'])
})
