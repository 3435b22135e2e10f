/** 轮巡: whom it shows next. */
import { describe, expect, test } from 'vitest'
import type { StageSource } from '@/protocol/model'
import { neighbour, nextPage, nextVenue, secondsOf } from '@/session/patrol'

const source = (name: string, connected = true): StageSource => ({
  source: name, label: name, connected, has_video: true, has_audio: true, video_codec: 'H264', bitrate_bps: 900_000, loss: 0, audio_level_dbov: 40,
})
const wall = [source('main'), source('screen'), source('venue-a'), source('venue-b', false), source('venue-c')]

describe('by the arrow keys', () => {
  test('goes to the connected tile beside it, round and round', () => {
    expect(neighbour(wall, null, 1)).toBe('main')
    expect(neighbour(wall, null, -1)).toBe('venue-c')
    expect(neighbour(wall, 'venue-a', 1)).toBe('venue-c')
    expect(neighbour(wall, 'venue-c', 1)).toBe('main')
    expect(neighbour(wall, 'main', -1)).toBe('venue-c')
    expect(neighbour([], 'main', 1)).toBeNull()
  })
})

describe('venue by venue', () => {
  test('goes round the connected venues and leaves out lecturer, screen and who is away', () => {
    expect(nextVenue(wall, null)).toBe('venue-a')
    expect(nextVenue(wall, 'venue-a')).toBe('venue-c')
    expect(nextVenue(wall, 'venue-c')).toBe('venue-a')
    expect(nextVenue(wall, 'main')).toBe('venue-a')
  })

  test('stays with the only one, and shows nobody when nobody is there', () => {
    expect(nextVenue([source('venue-a')], 'venue-a')).toBe('venue-a')
    expect(nextVenue([source('main'), source('venue-b', false)], null)).toBeNull()
  })
})

describe('page by page', () => {
  test('goes round the pages and leaves out those where nobody is connected', () => {
    const many = Array.from({ length: 40 }, (_, index) => source(`venue-${index}`, index < 16 || index >= 32))
    expect(nextPage(many, 0, 16)).toBe(2)
    expect(nextPage(many, 2, 16)).toBe(0)
  })

  test('a single page stays', () => {
    expect(nextPage(wall, 0, 16)).toBe(0)
    expect(nextPage([], 0, 16)).toBe(0)
  })
})

test('what this browser remembers is between five and sixty seconds', () => {
  expect([secondsOf(1), secondsOf(600), secondsOf(20), secondsOf('x'), secondsOf(Number.NaN)]).toEqual([5, 60, 20, 10, 10])
})
