import { describe, expect, it } from 'vitest'
import { caughtUp, mustReturn, queued, tapped, type Place, type Told } from '@/protocol/makeup'

const at = (position_ms: number, playing = true, visible = true): Place => ({ position_ms, rate_percent: 100, playing, visible })
const told = (heard: Told['heard'], reached_ms: number): Told => ({ heard, step: 'watching', progress: 10, reached_ms, position_ms: reached_ms })

describe('the beats that wait while the line is away', () => {
  it('keep only the newest place of somebody who goes on watching', () => {
    let waiting: Place[] = []
    for (const second of [0, 10, 20, 30]) waiting = queued(waiting, at(second * 1000))
    expect(waiting.map(one => one.position_ms)).toEqual([0, 30_000])
  })

  it('keep every pause and every jump, and are bounded', () => {
    let waiting = [at(0), at(10_000)]
    waiting = queued(waiting, at(12_000, false))
    waiting = queued(waiting, at(5_000))
    expect(waiting).toHaveLength(4)
    for (let n = 0; n < 60; n += 1) waiting = queued(waiting, at(n, n % 2 === 0))
    expect(waiting.length).toBeLessThanOrEqual(20)
  })
})

describe('a beat that did not get through', () => {
  const places = (failed: Place, ...waiting: Place[]) => caughtUp(failed, waiting).map(one => [one.position_ms, one.playing])

  it('is overtaken by the newest place, up to a pause', () => {
    expect(places(at(10_000), at(20_000), at(60_000))).toEqual([[60_000, true]])
    expect(places(at(10_000), at(30_000, false), at(30_000), at(60_000))).toEqual([[30_000, false], [30_000, true], [60_000, true]])
  })

  it('is said again where nothing followed, after a pause, and before a jump back', () => {
    expect(places(at(10_000))).toEqual([[10_000, true]])
    expect(places(at(10_000, false), at(10_000))).toEqual([[10_000, false], [10_000, true]])
    expect(places(at(10_000), at(5_000))).toEqual([[10_000, true], [5_000, true]])
    expect(places(at(10_000, true, false), at(20_000))).toEqual([[10_000, true], [20_000, true]])
  })
})

describe('who is ahead of what was noted', () => {
  it('goes back there on a first watch only, and not for a moment', () => {
    expect(mustReturn(told('ahead', 10_000), 40_000, false)).toBe(true)
    expect(mustReturn(told('ahead', 10_000), 40_000, true)).toBe(false)
    expect(mustReturn(told('begun', 10_000), 11_000, false)).toBe(false)
    expect(mustReturn(told('credited', 10_000), 40_000, false)).toBe(false)
    expect(mustReturn(told('waits', 0), 20_000, false)).toBe(false)
  })
})

it('one answer replaces the other, several add up', () => {
  expect(tapped('single', ['a'], 'b')).toEqual(['b'])
  expect(tapped('multiple', ['a'], 'b')).toEqual(['a', 'b'])
  expect(tapped('multiple', ['a', 'b'], 'a')).toEqual(['b'])
})
