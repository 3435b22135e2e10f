/** 自助签到 by four arrows and Enter of a remote, or by a keyboard. */
import { expect, test } from 'vitest'
import { COLUMNS, DELETE, FIND, findable, moved, PAD, typedAfter, type Arrow } from '@/protocol/kiosk'

const go = (from: string, ...arrows: Arrow[]) => PAD[arrows.reduce(moved, PAD.indexOf(from))]

test('every key is reached from the first by arrows alone, and none leads off the pad', () => {
  const reached = new Set([0])
  for (const at of reached) for (const arrow of ['up', 'down', 'left', 'right'] as const) reached.add(moved(at, arrow))
  expect([...reached].sort((a, b) => a - b)).toEqual(PAD.map((_key, index) => index))
})

test('up and down keep the column, also under the wide keys', () => {
  expect(go('1', 'down', 'down', 'down', 'up')).toBe('K')
  expect(go('Q', 'down')).toBe(DELETE)
  expect(go('R', 'down')).toBe(DELETE)
  expect(go('S', 'down')).toBe(FIND)
  expect(go('T', 'down')).toBe(FIND)
  expect(go(FIND, 'up')).toBe('S')
  expect(go('5', 'up')).toBe('5')
  expect(go('U', 'left')).toBe('U')
  expect(go('0', 'right')).toBe('0')
  expect(COLUMNS).toBe(10)
})

test('what is typed grows to its limit, shrinks by the delete key, and one letter looks for nobody', () => {
  expect(typedAfter('Z', 'j')).toBe('ZJ')
  expect(typedAfter('ZJ', DELETE)).toBe('Z')
  expect(typedAfter('', DELETE)).toBe('')
  expect(typedAfter('ZJ', FIND)).toBe('ZJ')
  expect(typedAfter('1'.repeat(20), '2')).toBe('1'.repeat(20))
  expect([findable('Z'), findable('ZJ')]).toEqual([false, true])
})
