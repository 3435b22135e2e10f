import { describe, expect, test } from 'vitest'
import { byGrantOf, Pace } from '@/protocol/hls'

describe('a renewed address', () => {
  const next = '/hls/r1/live-2-a-m/live-camera.m3u8'

  test.each([
    ['/hls/r1/live-1-a-m/live-camera.m3u8', '/hls/r1/live-2-a-m/live-camera.m3u8'],
    ['https://class.example.org/hls/r1/live-1-a-m/camera-7.m4s', 'https://class.example.org/hls/r1/live-2-a-m/camera-7.m4s'],
    ['https://class.example.org/hls/r1/live-1-a-m/init.mp4?x=1', 'https://class.example.org/hls/r1/live-2-a-m/init.mp4?x=1'],
  ])('leads %s to the same file by the new grant', (url, expected) => { expect(byGrantOf(next, url)).toBe(expected) })

  test('of another recording, or of no recording at all, changes nothing', () => {
    for (const url of ['/hls/r2/live-1-a-m/live-camera.m3u8', '/hls/xr1/g/a.m4s', 'blob:https://class.example.org/1', '/other/r1/g/a.m4s']) expect(byGrantOf(next, url)).toBe(url)
    expect(byGrantOf('/sample/camera.m3u8', '/hls/r1/g/a.m4s')).toBe('/hls/r1/g/a.m4s')
  })
})

test('who plays too near to the live edge plays a tenth slower, until it is far enough once', () => {
  const pace = new Pace()
  expect([0, 0.5, 3.5, 3.6, 1, 0].map(latency => pace.at(latency))).toEqual([1, 0.9, 0.9, 1, 1, 1])
})
