/** Which calls wait, and which one is open. */
import { expect, test } from 'vitest'
import type { Help } from '@/protocol/model'
import { openOf, waitingOf } from '@/session/helps'

const call = (id: string, state: Help['state']): Help => ({
  id, lesson_venue_id: 'v', name: '一', urgency: 'normal', text: '', state, asked_at: '2026-11-22T01:00:00Z', answer: '', answered_at: null, answered_by: null, closed_at: null,
})

test('only who has not been answered waits', () => {
  expect(waitingOf([call('a', 'waiting'), call('b', 'answered'), call('c', 'closed')]).map(one => one.id)).toEqual(['a'])
})

test('an answered call is open until somebody closes it', () => {
  expect(openOf([call('b', 'answered'), call('c', 'closed')])?.id).toBe('b')
  expect(openOf([call('c', 'closed')])).toBeNull()
})
