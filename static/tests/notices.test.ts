import { describe, expect, it } from 'vitest'
import { headOf, standingOf } from '@/protocol/notices'

const START = '2026-12-01T01:00:00Z'
const letter = (state: 'scheduled' | 'cancelled' | 'draft' | 'live' | 'ended', now = START) =>
  ({ starts_at: START, lesson: { id: 'l', title: 't', state, starts_at: now, ends_at: now } })

describe('a notice beside what has become of its lesson', () => {
  it('stands as told, also where the same moment is written otherwise', () => {
    expect(standingOf(letter('scheduled'))).toBeNull()
    expect(standingOf(letter('live', '2026-12-01T01:00:00.000Z'))).toBeNull()
  })
  it('was overtaken, cancelled, taken back, or is over', () => {
    expect(standingOf(letter('scheduled', '2026-12-02T01:00:00Z'))).toBe('overtaken')
    expect(standingOf(letter('cancelled', '2026-12-02T01:00:00Z'))).toBe('cancelled')
    expect(standingOf(letter('draft'))).toBe('draft')
    expect(standingOf(letter('ended'))).toBe('over')
  })
  it('says first that a lesson was moved', () => {
    expect(headOf({ wave: 'day', was: START })).toBe('moved')
    expect(headOf({ wave: 'day', was: null })).toBe('day')
  })
})
