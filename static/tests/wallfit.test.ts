import { expect, test } from 'vitest'
import { wallFit } from '@/session/wallfit'

const rowsOf = (count: number, columns: number) => Math.ceil(count / columns)

test('all tiles fit, whatever the place, and none could be a quarter larger with another number beside each other', () => {
  for (const [width, height] of [[1060, 350], [1500, 420], [820, 700], [400, 200]] as const) {
    for (const count of [1, 2, 5, 12, 16, 20, 25]) {
      const { columns, width: tile } = wallFit(width, height, count, 8)
      const rows = rowsOf(count, columns)
      expect(columns * tile + (columns - 1) * 8).toBeLessThanOrEqual(width)
      expect(rows * tile * 9 / 16 + (rows - 1) * 8).toBeLessThanOrEqual(height)
      for (let other = 1; other <= count; other += 1) {
        const larger = tile / 0.8 + 1
        const fits = other * larger + (other - 1) * 8 <= width && rowsOf(count, other) * larger * 9 / 16 + (rowsOf(count, other) - 1) * 8 <= height
        expect(fits, `${count} tiles, ${other} beside each other`).toBe(false)
      }
    }
  }
})

test('sixteen on a usual screen stand in three rows', () => {
  expect(wallFit(1060, 350, 16, 8)).toEqual({ columns: 6, width: 170 })
})

test('a few stand beside each other rather than in a corner', () => {
  expect(wallFit(1060, 350, 4, 8)).toEqual({ columns: 4, width: 259 })
})

test('no place and no tiles are no error', () => {
  expect(wallFit(0, 0, 16, 8).width).toBe(0)
  expect(wallFit(1000, 300, 0, 8).columns).toBe(1)
})
