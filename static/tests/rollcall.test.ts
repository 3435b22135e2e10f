/** What the roll call makes of its venues. */
import { expect, test } from 'vitest'
import type { RollResult, StageVenue } from '@/protocol/model'
import { beforeOf, failingOf } from '@/session/rollcall'

const venue = (id: string, result: RollResult | null, called = false): StageVenue => ({
  id, name: id, part: 'branch', source: `venue-${id}`, online: true, microphone: 'muted', speech: 'allowed',
  roll: { called, answered_at: null, result, proposal: null },
})
const venues = [venue('a', 'answered'), venue('b', 'no_sound'), venue('c', null, true)]

test('everybody who is not known to be there is to be looked after, the uncalled too', () => {
  expect(failingOf(venues).map(one => one.id)).toEqual(['b', 'c'])
  expect(failingOf([{ ...venue('hall', null), part: 'main', roll: null }])).toEqual([])
})

test('back is the venue before the called one, and after the last one the last', () => {
  expect(beforeOf(venues, 'c')?.id).toBe('b')
  expect(beforeOf(venues, 'a')).toBeNull()
  expect(beforeOf(venues, null)?.id).toBe('c')
})
