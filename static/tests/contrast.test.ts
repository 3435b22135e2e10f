/** Every text pair of the tokens at 4.5:1 and every shape at 3:1, in light and dark (WCAG 2.2, 1.4.3 and 1.4.11). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('../src/design/tokens.css', import.meta.url), 'utf8')

function block(selector: string): Map<string, string> {
  const body = css.slice(css.indexOf(selector)).split('}')[0] ?? ''
  return new Map([...body.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/gi)].map(match => [match[1] ?? '', match[2] ?? '']))
}
const light = block(':root {')
const dark = new Map([...light, ...block(':root[data-theme=\'dark\'] {')])
const listed = (kind: string) => [...css.matchAll(new RegExp(`@${kind} (--[\\w-]+) (--[\\w-]+)`, 'g'))].map(match => [match[1] ?? '', match[2] ?? ''] as const)

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (bright + 0.05) / (dim + 0.05)
}

test('the formula: black on white is 21, and the tokens were found', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(light.size).toBeGreaterThan(25)
  expect(block(':root[data-theme=\'dark\'] {').size).toBeGreaterThan(20)
  expect(listed('pair').length).toBeGreaterThan(25)
})

describe.each([['light', light], ['dark', dark]] as const)('%s', (_name, tokens) => {
  const colour = (token: string) => {
    const value = tokens.get(token)
    if (!value) throw new Error(`no such token: ${token}`)
    return value
  }
  test.each(listed('pair'))('%s on %s can be read', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })
  test.each(listed('shape'))('%s on %s can be seen', (shape, ground) => {
    expect(contrast(colour(shape), colour(ground))).toBeGreaterThanOrEqual(3)
  })
})

test('the colours of the direction stand as they were given', () => {
  const given = { '--brand': '#b3191f', '--ink': '#1f2329', '--secondary': '#5c6470', '--line': '#e3e6eb', '--surface': '#ffffff', '--canvas': '#f5f6f8', '--gold': '#c8963e', '--success': '#1e8e4e', '--warning': '#b86e00' }
  const givenDark = { '--canvas': '#14171c', '--surface': '#1d2127', '--ink': '#e8ebf0', '--line': '#323843' }
  expect(Object.fromEntries(Object.keys(given).map(key => [key, light.get(key)]))).toEqual(given)
  expect(Object.fromEntries(Object.keys(givenDark).map(key => [key, dark.get(key)]))).toEqual(givenDark)
})
