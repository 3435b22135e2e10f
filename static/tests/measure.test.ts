import { expect, test } from 'vitest'
import { clientName, judgePicture, luminance, standsOut } from '@/media/measure'

const picture = (value: number, at = -1, other = value) => Float32Array.from({ length: 64 }, (_, n) => n === at ? other : value)

test('a black picture, one that hangs, and one with a camera\'s noise', () => {
  expect(judgePicture([picture(3), picture(4)])).toEqual({ black: true, moving: true })
  expect(judgePicture([picture(90), picture(90), picture(90)])).toEqual({ black: false, moving: false })
  expect(judgePicture([picture(90), picture(90, 5, 92)])).toEqual({ black: false, moving: true })
  expect(judgePicture([picture(2, 7, 200), picture(2, 7, 200)])).toEqual({ black: false, moving: false })
})

test('green is brighter than blue', () => {
  const [green, blue] = luminance(Uint8ClampedArray.from([0, 255, 0, 255, 0, 0, 255, 255]))
  expect(green).toBeGreaterThan(blue ?? 0)
})

test('a tone stands out where it is and not elsewhere', () => {
  const silence = new Float32Array(256).fill(-90)
  const tone = Float32Array.from(silence)
  tone[100] = -40
  expect(standsOut(silence, tone, 100)).toBe(50)
  expect(standsOut(silence, tone, 101)).toBe(50)
  expect(standsOut(silence, tone, 200)).toBe(0)
  const noNoise = new Float32Array(256).fill(-Infinity)
  expect(standsOut(noNoise, noNoise, 100)).toBe(0)
  expect(standsOut(noNoise, new Float32Array(256).fill(-30), 100)).toBe(0) // a voice, everywhere, and no tone
})

test('browsers by the name that people know', () => {
  expect(clientName('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0')).toBe('Edge 156 · Windows')
  expect(clientName('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0')).toBe('Firefox 153 · Linux')
  expect(clientName('odd')).toBe('browser')
})
