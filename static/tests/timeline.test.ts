import { describe, expect, test } from 'vitest'
import { correction, dateAt, positionOf, type Piece } from '@/protocol/timeline'

const T = Date.UTC(2026, 10, 22, 1, 0, 0)
/** Two pieces of two seconds, a pause of a minute, another piece. */
const PIECES: Piece[] = [
  { start: 0, duration: 2, dateMs: T }, { start: 2, duration: 2, dateMs: T + 2_000 }, { start: 4, duration: 2, dateMs: T + 64_000 },
]

describe('one time for two playlists', () => {
  test('position to date and back, across a pause', () => {
    expect(dateAt(PIECES, 3)).toBe(T + 3_000)
    expect(dateAt(PIECES, 5)).toBe(T + 65_000)
    expect(positionOf(PIECES, T + 65_000)).toBe(5)
  })

  test('nothing was recorded before the start, in the pause and after the end', () => {
    expect(positionOf(PIECES, T - 1)).toBeNull()
    expect(positionOf(PIECES, T + 30_000)).toBeNull()
    expect(positionOf(PIECES, T + 90_000)).toBeNull()
  })

  test('rounding of segment lengths opens no hole', () => {
    expect(positionOf(PIECES, T + 4_200)).toBe(4)
  })

  test('a playlist without dates says so', () => {
    expect(dateAt([{ start: 0, duration: 9, dateMs: null }], 3)).toBeNull()
    expect(positionOf([], T)).toBeNull()
  })

  test('small drift by speed, large drift by a jump, none at all when steady', () => {
    expect(correction(10, 10.02, 1)).toEqual({ kind: 'none' })
    expect(correction(10.3, 10, 1.5)).toEqual({ kind: 'rate', rate: 1.5 * 1.06 })
    expect(correction(10, 10.3, 1)).toEqual({ kind: 'rate', rate: 0.94 })
    expect(correction(30, 10, 1)).toEqual({ kind: 'seek', position: 30 })
  })
})
