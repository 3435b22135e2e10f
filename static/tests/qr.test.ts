/** The library behind the scanner against codes of our own, as a phone's camera sees them: small, turned, dim, noisy. */
import { decodeQR } from 'qr/decode.js'
import { encode } from 'uqr'
import { describe, expect, test } from 'vitest'
import { tokenOf } from '@/protocol/scanned'

const TOKEN = 'q9ZkT0yB-3sLh2_xWn7Vd5RcJ8mPfA1gUeYoKtXb6Hi'
const ADDRESS = `https://school.example:8443/s/${TOKEN}`
const SIZE = 640

/** Square picture of `size` pixels with the code in its middle. `light`, `dark`: grey of paper and ink; `noise`: ± that much. */
function picture({ share = 0.6, turn = 0, light = 255, dark = 0, noise = 0, text = ADDRESS } = {}) {
  const { data: modules, size: count } = encode(text, { border: 2, ecc: 'M' })
  const data = new Uint8ClampedArray(SIZE * SIZE * 4)
  const module = SIZE * share / count
  let seed = 7
  const random = () => { seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31; return seed / 2 ** 31 - 0.5 }
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      const [dx, dy] = [x - SIZE / 2, y - SIZE / 2]
      const column = Math.floor((dx * Math.cos(turn) + dy * Math.sin(turn)) / module + count / 2)
      const row = Math.floor((dy * Math.cos(turn) - dx * Math.sin(turn)) / module + count / 2)
      const grey = (modules[row]?.[column] ? dark : light) + noise * random() * 2
      data.set([grey, grey, grey, 255], (y * SIZE + x) * 4)
    }
  }
  return { width: SIZE, height: SIZE, data }
}

describe('a sign-in code is read', () => {
  test.each([
    ['straight', {}], ['far away', { share: 0.25 }], ['filling the frame', { share: 0.95 }], ['turned', { turn: 0.35 }], ['upside down', { turn: Math.PI }],
    ['dim', { light: 110, dark: 40 }], ['noisy', { noise: 40 }], ['on a glaring screen', { light: 255, dark: 150 }],
  ])('%s', (_name, how) => { expect(tokenOf(decodeQR(picture(how), { timeLimit: 60_000 }))).toBe(TOKEN) })
})

test('a picture without a code says so by throwing', () => {
  expect(() => decodeQR(picture({ light: 128, dark: 128, noise: 60 }))).toThrow()
})

test('another code is read and is none of ours', () => {
  expect(tokenOf(decodeQR(picture({ text: 'https://elsewhere.example/menu' })))).toBeNull()
})
