import { describe, expect, it } from 'vitest'
import { countOf, dialled, headOf, standingOf } from '@/protocol/notices'

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

describe('counting what went out', () => {
  it('takes what is on its way for waiting, channel by channel', () => {
    const one = (channel: 'sms' | 'wecom', state: 'queued' | 'sending' | 'sent', count: number) => ({ channel, state, count, read: 0 })
    const counts = [one('sms', 'queued', 2), one('sms', 'sending', 1), one('sms', 'sent', 5), one('wecom', 'queued', 9)]
    expect([countOf(counts, 'sms', 'queued'), countOf(counts, 'sms', 'sent'), countOf(counts, 'sms', 'failed')]).toEqual([3, 5, 0])
  })
  it('dials digits', () => {
    expect(dialled('138 0000-0000')).toBe('13800000000')
  })
})
