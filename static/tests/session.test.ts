import { describe, expect, test } from 'vitest'
import type { Lesson, StageSource, StageVenue } from '@/protocol/model'
import { qualityBetween, readingOf, uplinkSignal } from '@/protocol/signal'
import { meterOfDbov } from '@/media/level'
import { safeNext } from '@/router'
import { doorsOf, inOrder, mainDoor } from '@/session/doors'
import { faultOf, wallOrder } from '@/session/faults'
import { isEditable, stepsOf } from '@/session/lifecycle'
import { draftOf, emptyPlan, faultsOf, planOf } from '@/session/plan'
import { credit } from '@/session/when'

function lesson(over: Partial<Lesson> = {}): Lesson {
  return {
    id: 'l', title: '用电安全', unit: { id: 'u', name: '党委' }, lecturer: { account_id: 'a', name: '讲师' }, state: 'scheduled',
    starts_at: '2026-11-22T01:00:00Z', ends_at: '2026-11-22T02:30:00Z', opened_at: null, live_at: null, ended_at: null, settled_at: null, recorded: true,
    credit_hundredths: 0, watermark: false, replay_skips: false, rule: null,
    video_codec: 'H264', venues: [], version: 1, may: ['read', 'watch'], my_venue: null,
    kind: 'lecture', media: true, course: null, series_id: null, ...over,
  }
}
const source = (over: Partial<StageSource> = {}): StageSource => ({
  source: 'venue-1', label: '一', connected: true, has_video: true, has_audio: true, video_codec: 'H264', bitrate_bps: 900_000, loss: 0, audio_level_dbov: 40, ...over,
})
const venue = (over: Partial<StageVenue> = {}): StageVenue => ({ id: '1', name: '一', part: 'branch', source: 'venue-1', online: true, microphone: 'muted', speech: 'allowed', roll: null, ...over })

describe('doors of a lesson', () => {
  test('a member may only watch, nobody enters a draft or an ended lesson', () => {
    expect(doorsOf(lesson()).map(door => door.name)).toEqual(['phone'])
    expect(doorsOf(lesson({ state: 'draft', may: ['read', 'run', 'watch'] }))).toEqual([])
    expect(doorsOf(lesson({ state: 'ended' }))).toEqual([])
  })

  test('the lecturer finds the desk first, a director the console', () => {
    const both = lesson({ may: ['read', 'run', 'publish_main', 'watch'] })
    expect(mainDoor(both, 'a')?.name).toBe('desk')
    expect(mainDoor(both, 'b')?.name).toBe('console')
  })

  test('who only sees the numbers finds the missing ones, from the opening on; who runs the lesson or a room sees them there', () => {
    const names = (over: Partial<Lesson>) => doorsOf(lesson({ may: ['read', 'watch', 'board'], ...over })).map(door => door.name)
    expect(names({})).toEqual(['phone'])
    expect(names({ state: 'open' })).toEqual(['phone', 'roster'])
    expect(names({ state: 'open', may: ['read', 'run', 'watch', 'board'] })).toEqual(['console', 'phone'])
    expect(names({ state: 'open', my_venue: 'v' })).toEqual(['venue', 'phone'])
    expect(names({ state: 'open', operates: ['v'] })).toEqual(['phone', 'room'])
    expect(names({ state: 'open', operates: ['v'], may: ['read', 'watch', 'board', 'vouch'] })).toEqual(['phone', 'room', 'roster'])
  })

  test('on air comes before open before planned, then the earliest', () => {
    const all = [lesson({ id: 'p2', starts_at: '2026-11-24T01:00:00Z' }), lesson({ id: 'p1' }), lesson({ id: 'o', state: 'open', starts_at: '2026-11-25T01:00:00Z' }), lesson({ id: 'x', state: 'ended' })]
    expect(inOrder(all)).toMatchObject({ next: { id: 'o' }, later: [{ id: 'p1' }, { id: 'p2' }], past: [{ id: 'x' }] })
  })
})

describe('steps of a lesson', () => {
  test('each state offers what its rights allow', () => {
    expect(stepsOf(lesson({ state: 'draft', may: ['read', 'edit'] }))).toEqual({ forward: 'schedule', others: ['cancel'] })
    expect(stepsOf(lesson({ may: ['read', 'run'] }))).toEqual({ forward: 'open', others: [] })
    expect(stepsOf(lesson({ state: 'live', may: ['read', 'edit'] }))).toEqual({ forward: null, others: [] })
    expect(stepsOf(lesson({ state: 'ended', may: ['read', 'run', 'edit'] }))).toEqual({ forward: null, others: [] })
    expect(stepsOf(lesson({ state: 'ended', may: ['read', 'settle'] }))).toEqual({ forward: 'settle', others: [] })
    expect(stepsOf(lesson({ state: 'settled', may: ['read', 'settle'] }))).toEqual({ forward: null, others: ['archive'] })
  })

  test('an open lesson cannot be changed', () => {
    expect(isEditable(lesson({ may: ['edit'] }))).toBe(true)
    expect(isEditable(lesson({ may: ['edit'], state: 'open' }))).toBe(false)
  })
})

describe('a plan', () => {
  const good = { ...emptyPlan(Date.UTC(2026, 10, 22, 3, 20)), title: ' 急救 ', unitId: 'u', mainVenue: 'v1', branches: ['v2', 'v1'] }

  test('an empty one is at the next full hour and lacks its title and unit', () => {
    const empty = emptyPlan(Date.UTC(2026, 10, 22, 3, 20))
    expect(empty.from).toMatch(/:00$/)
    expect(faultsOf(empty)).toEqual({ title: 'needTitle', unit: 'needUnit' })
  })

  test('an end before its start and a lesson over twelve hours are told', () => {
    expect(faultsOf({ ...good, from: '10:00', to: '09:00' }).time).toBe('wrongTime')
    expect(faultsOf({ ...good, from: '00:00', to: '13:00' }).time).toBe('longTime')
    expect(faultsOf({ ...good, to: '' }).time).toBe('needTime')
  })

  test('a venue is the main one or a branch, never both', () => {
    expect(draftOf(good)).toMatchObject({ title: '急救', lecturer_id: null, venues: [{ venue_id: 'v1', part: 'main' }, { venue_id: 'v2', part: 'branch' }] })
  })

  test('学时 are written in decimals and sent in hundredths; what is no number of them is told', () => {
    expect(draftOf({ ...good, credit: '1.5' }).credit_hundredths).toBe(150)
    expect(faultsOf({ ...good, credit: '1.555' })).toEqual({ credit: 'badCredit' })
  })

  test('a lesson goes through the form unchanged', () => {
    const original = lesson({ credit_hundredths: 225 })
    expect(draftOf(planOf(original))).toMatchObject({ title: original.title, starts_at: '2026-11-22T01:00:00.000Z', ends_at: '2026-11-22T02:30:00.000Z', recorded: true, credit_hundredths: 225, venues: [] })
  })
})

describe('what is wrong with a source', () => {
  test.each([
    [source(), venue(), null],
    [source({ connected: false }), venue({ online: false }), { fault: 'offline', empty: true }],
    [source({ connected: false }), venue(), { fault: 'noSource', empty: true }],
    [source({ source: 'main', connected: false }), null, { fault: 'main', empty: true }],
    [source({ has_video: false }), venue(), { fault: 'noVideo', empty: true }],
    [source({ has_audio: false }), venue(), { fault: 'noAudio', empty: false }],
    [source({ video_codec: 'VP8' }), venue(), { fault: 'codec', empty: false }],
    [source({ loss: 0.2 }), venue(), { fault: 'poor', empty: false }],
    [source({ source: 'screen', has_audio: false }), null, null],
  ])('%#', (given, at, expected) => { expect(faultOf(given, at, 'H264')).toEqual(expected) })

  test('the wall shows the lecturer, the screen, then the venues in their order', () => {
    const all = ['venue-2', 'screen', 'venue-1', 'main'].map(name => source({ source: name }))
    expect(wallOrder(all).map(one => one.source)).toEqual(['main', 'screen', 'venue-2', 'venue-1'])
  })
})

describe('signal and level', () => {
  const reading = (over: object) => ({ atMs: 0, packets: 0, lost: 0, bytes: 0, frames: 0, rttMs: 20, ...over })

  test('loss decides, then delay, and silence is no signal', () => {
    const at = (over: object) => qualityBetween(reading({}), reading({ atMs: 2_000, packets: 1_000, ...over })).signal
    expect(at({})).toBe('good')
    expect(at({ lost: 20 })).toBe('fair')
    expect(at({ lost: 80 })).toBe('poor')
    expect(at({ rttMs: 900 })).toBe('poor')
    expect(at({ packets: 0 })).toBe('none')
  })

  test('bits and frames a second from two readings', () => {
    expect(qualityBetween(reading({}), reading({ atMs: 2_000, packets: 10, bytes: 250_000, frames: 50 }))).toMatchObject({ bitrateBps: 1_000_000, framesPerSecond: 25 })
  })

  test('readings add up the streams of one direction', () => {
    const stats = [{ type: 'inbound-rtp', packetsReceived: 5, bytesReceived: 7, packetsLost: 1, framesDecoded: 2 }, { type: 'inbound-rtp', packetsReceived: 3 }, { type: 'outbound-rtp', packetsSent: 99 }, { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.05 }]
    expect(readingOf(stats, 'inbound-rtp', 9)).toEqual({ atMs: 9, packets: 8, lost: 1, bytes: 7, frames: 2, rttMs: 50 })
  })

  test('a venue that sends next to nothing is poor, one that is gone has no signal', () => {
    expect(uplinkSignal(source({ bitrate_bps: 5_000 }))).toBe('poor')
    expect(uplinkSignal(source({ connected: false }))).toBe('none')
  })

  test('RFC 6464 levels: 127 is silence, 0 the loudest', () => {
    expect([127, 60, 30, 0].map(meterOfDbov)).toEqual([0, 0, 0.5, 1])
  })
})

test('after login only paths of ours are followed', () => {
  expect(safeNext('/m/1?x=1')).toBe('/m/1?x=1')
  for (const bad of ['//evil.example', 'https://evil.example', '/\\evil.example', '/login', '', null, ['/']]) expect(safeNext(bad)).toBeNull()
})

test('学时 are written from whole hundredths, without rounding', () => {
  expect([0, 5, 25, 50, 100, 150, 2625, -50, -125].map(credit)).toEqual(['0', '0.05', '0.25', '0.5', '1', '1.5', '26.25', '−0.5', '−1.25'])
})
