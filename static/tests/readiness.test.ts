import { expect, test } from 'vitest'
import { findingsOf, kitOf, proposedOf, type Check, type FailoverPreview, type Preflight } from '@/protocol/readiness'

const check = (name: Check['name'], result: Check['result']): Check => ({ name, result, code: 'x', at: '', values: {} })
const preview = (fallback: string | null): FailoverPreview => ({
  lesson_venue_id: 'a', name: '一号厅', waiting: 3, signed_in: 2, fallback,
  choices: [
    { target: 'b', name: '二号厅', online: true, seats: 20, there: 5, fits: true },
    { target: null, name: '手机参加', online: true, seats: null, there: 0, fits: true },
  ],
})

test('the plan\'s fallback is proposed, phones where there is none or it is away itself', () => {
  expect(proposedOf(preview('b'))?.target).toBe('b')
  for (const fallback of ['phone', null, 'gone']) expect(proposedOf(preview(fallback))?.target).toBe(null)
  expect(proposedOf({ ...preview(null), choices: [] })).toBe(null)
})

test('a room kit is judged at the second look, and by everything that comes of it', () => {
  const kit = (sends: boolean, ...checks: Check[]) => kitOf({ sends, rehearses: true, checks })
  expect(kit(false).state).toBe('away')
  expect(kit(true).state).toBe('looking')
  expect(kit(true, check('camera', 'ok'), check('line', 'ok')).state).toBe('good')
  const bad = kit(true, check('camera', 'ok'), check('uplink', 'warn'))
  expect([bad.state, bad.wrong.map(one => one.name)]).toEqual(['bad', ['uplink']])
})

test('what failed is told before what warns, what is good not at all', () => {
  const checks = [check('camera', 'warn'), check('clock', 'ok'), check('line', 'fail')]
  expect(findingsOf({ checks } as Preflight).map(one => one.name)).toEqual(['line', 'camera'])
  expect(findingsOf(null)).toEqual([])
})
