/** The alarm that stands on a tile. */
import { expect, test } from 'vitest'
import type { Alarm } from '@/protocol/model'
import { alarmOf, headOf } from '@/session/faults'

const alarm = (code: string, source: string | null): Alarm => ({ code, source, text: '', text_en: '', since: '2026-11-22T01:00:00Z' })

test('a tile shows the oldest alarm of its own source, and its emptiness in its own words', () => {
  const alarms = [alarm('disk_low', null), alarm('source_away', 'venue-a'), alarm('heavy_loss', 'venue-a'), alarm('source_black', 'venue-a'), alarm('source_silent', 'main')]
  expect(alarmOf(alarms, 'venue-a')?.code).toBe('heavy_loss')
  expect(alarmOf(alarms, 'main')?.code).toBe('source_silent')
  expect(alarmOf(alarms, 'venue-b')).toBeNull()
})

test('the head of a sentence is what is wrong', () => {
  expect(headOf('画面卡住，请对方检查摄像头')).toBe('画面卡住')
  expect(headOf('Nothing arrives: check their network')).toBe('Nothing arrives')
})
