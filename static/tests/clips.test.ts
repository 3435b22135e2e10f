/** Where a clip is, and what of it is left. */
import { expect, test } from 'vitest'
import { minutes, placeOf } from '@/protocol/clips'
import type { ClipOnAir } from '@/protocol/model'
import { onlyHeard } from '@/protocol/whep'

const clip = (over: Partial<ClipOnAir> = {}): ClipOnAir => ({ material_id: 'm', name: '消防演示', duration_ms: 60_000, position_ms: 10_000, paused: false, started_by: '会控甲', ...over })

test('a clip goes on by itself and never beyond its end', () => {
  expect(placeOf(clip(), 5_000)).toBe(15_000)
  expect(placeOf(clip(), 500_000)).toBe(60_000)
  expect(placeOf(clip(), -3_000)).toBe(10_000)
})

test('one that pauses stands', () => {
  expect(placeOf(clip({ paused: true }), 5_000)).toBe(10_000)
})

test('what is left is rounded up, so that 0:00 is really over', () => {
  expect([0, 1, 59_000, 60_001, 3_600_000].map(minutes)).toEqual(['0:00', '0:01', '0:59', '1:01', '1:00:00'])
})

test('a clip is only heard where H264 is not decoded, and everything else is as it was', () => {
  expect([onlyHeard(true, false, false), onlyHeard(true, true, false), onlyHeard(true, false, true), onlyHeard(false, false, false)]).toEqual([true, false, false, false])
})
