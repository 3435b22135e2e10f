import { describe, expect, it } from 'vitest'
import { countOf, dialled, headOf, houseStanding, standingOf, wayOf, type HouseLetter, type OversightLetter } from '@/protocol/notices'

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

describe('a letter that belongs to no lesson', () => {
  const house = { id: 'n', sent_at: START, read: false, lesson: null, credit: null, oversight: null }
  const credit = (met: boolean): HouseLetter => ({ ...house, wave: 'credit_short', credit: { year: 2026, short: 300, until: '2026-12-31', by: '书记', met } })
  const asked = (state: OversightLetter['state']): HouseLetter => ({ ...house, wave: 'oversight_asked', oversight: { id: 'o1', unit: { id: 'u', name: 'u' }, above: { id: 'a', name: 'a' }, subject: 'missing', text: 't', due_on: '2026-03-09', state } })
  it('leads to the year, or to the one item', () => {
    expect([wayOf(credit(false)), wayOf(asked('open'))]).toEqual(['/credit?year=2026', '/manage/oversight?item=o1'])
  })
  it('says when nothing is left to do, and leads nowhere when it is not the reader’s any more', () => {
    expect([houseStanding(credit(false)), houseStanding(credit(true)), houseStanding(asked('open')), houseStanding(asked('withdrawn'))]).toEqual([null, 'met', null, 'withdrawn'])
    expect([houseStanding({ ...asked('answered'), wave: 'oversight_answered' }), houseStanding({ ...asked('overdue'), wave: 'oversight_answered' }), houseStanding({ ...asked('overdue'), wave: 'oversight_overdue' }), houseStanding(asked('overdue'))]).toEqual([null, 'returned', null, 'overdue'])
    const gone: HouseLetter = { ...house, wave: 'oversight_asked' }
    expect([houseStanding(gone), wayOf(gone)]).toEqual(['gone', null])
  })
})
