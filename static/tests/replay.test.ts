import { describe, expect, it } from 'vitest'
import { LAYOUTS, layoutFor, layoutsOf, seenIn } from '@/faces/manage/player/layouts'
import { kindsOf, markAt, marksOf } from '@/faces/manage/player/marks'
import { countWithin, tileAt, tilesOf, windowOn } from '@/protocol/pictures'
import type { Chapter } from '@/protocol/inquiries'

describe('layouts', () => {
  it('a choice that is none, or does not fit one picture, gives the first', () => {
    expect(layoutFor('corner', true)).toBe('corner')
    expect(layoutFor('corner', false)).toBe('side')
    expect(layoutFor({ of: 'another version' }, true)).toBe('side')
    expect(layoutFor('audio', false)).toBe('audio')
    expect(layoutsOf(true)).toEqual(LAYOUTS)
  })

  it('while nothing is shared the camera is seen in every layout but the one for listening', () => {
    expect(LAYOUTS.map(one => seenIn(one, false))).toEqual(['camera', 'camera', 'camera', 'nothing'])
    expect(LAYOUTS.map(one => seenIn(one, true))).toEqual(['both', 'corner', 'second', 'nothing'])
  })
})

describe('marks', () => {
  const began = Date.parse('2026-11-22T09:00:00Z')
  const pieces = [{ start: 0, duration: 60, dateMs: began }, { start: 60, duration: 60, dateMs: began + 600_000 }]
  const chapter = (id: string, seconds: number, kind: Chapter['kind'], title = id): Chapter => ({ id, at: new Date(began + seconds * 1000).toISOString(), title, inquiry_id: null, kind, kept: kind === 'mark' })

  it('a chapter in a pause begins where the recording goes on, and one behind the end is none', () => {
    const marks = marksOf(pieces, [chapter('quiz', 630, 'quiz'), chapter('pause', 300, 'stage'), chapter('late', 9000, 'mark'), chapter('', 10, 'mark', '')], [{ at: new Date(began + 20_000).toISOString(), title: 'cut' }], (_, n) => `no. ${n}`)
    expect(marks.map(one => [one.title, one.at, one.kind])).toEqual([['no. 4', 10, 'mark'], ['cut', 20, 'cut'], ['pause', 60, 'stage'], ['quiz', 90, 'quiz']])
    expect(kindsOf(marks).map(one => [one.kind, one.count])).toEqual([['mark', 1], ['stage', 1], ['quiz', 1], ['cut', 1]])
    expect(markAt(marks, 5)).toBeNull()
    expect(markAt(marks, 61)?.title).toBe('pause')
  })
})

describe('pictures', () => {
  const told = { width: 160, height: 90, columns: 2, rows: 2, sheets: 2, at: [0, 10, 20, 30, 40].map(s => new Date(Date.parse('2026-11-22T09:00:00Z') + s * 1000).toISOString()) }
  const tiles = tilesOf('/hls/r/g/pictures.json', told)
  const FIRST = { url: '', column: 0, row: 0, dateMs: 0 }

  it('tiles lie row by row, sheet after sheet, beside their index', () => {
    expect(tiles.map(one => [one.url, one.column, one.row])).toEqual([
      ['/hls/r/g/pictures-0.webp', 0, 0], ['/hls/r/g/pictures-0.webp', 1, 0], ['/hls/r/g/pictures-0.webp', 0, 1], ['/hls/r/g/pictures-0.webp', 1, 1],
      ['/hls/r/g/pictures-1.webp', 0, 0],
    ])
    expect(windowOn(tiles[3] ?? FIRST, told, 80)).toMatchObject({ width: '80px', height: '45px', backgroundSize: '160px auto', backgroundPosition: '-80px -45px' })
  })

  it('the last one before a moment stands for it', () => {
    expect(tileAt(tiles, Date.parse('2026-11-22T08:59:00Z'))).toBeNull()
    expect(tileAt(tiles, Date.parse('2026-11-22T09:00:19Z'))).toBe(tiles[1])
    expect(tileAt(tiles, Date.parse('2026-11-22T10:00:00Z'))).toBe(tiles[4])
  })

  it('a first watch sees none of what comes after the farthest place watched', () => {
    const placed = [{ at: 0 }, { at: 10 }, { at: 20 }]
    expect([null, -1, 0, 9.9, 10, 25].map(limit => countWithin(placed, limit))).toEqual([3, 0, 1, 1, 2, 3])
    expect(countWithin([], 0)).toBe(0)
  })

  it('an index that does not add up has none', () => {
    expect(tilesOf('/x', { ...told, columns: 0, rows: 0 })).toEqual([])
    expect(tilesOf('/x', { ...told, sheets: 1 })).toEqual([])
  })
})
