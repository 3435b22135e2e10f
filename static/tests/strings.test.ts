/** One catalogue in two languages, and no word asked for that it does not have. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { i18n } from '@/strings'
import en from '@/strings/en'
import zh from '@/strings/zh'

interface Tree { [key: string]: string | Tree }
const flat = (tree: Tree, prefix = ''): [string, string][] => Object.entries(tree)
  .flatMap(([key, value]) => typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flat(value, `${prefix}${key}.`))
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]).sort()

/** Every part's words, found by themselves. */
const parts = Object.entries(import.meta.glob<{ default: Tree }>('../src/strings/*/{zh,en}.ts', { eager: true }))
const later = (language: string) => parts.filter(([path]) => path.endsWith(`/${language}.ts`)).flatMap(([, words]) => flat(words.default))
const chinese = new Map([...flat(zh as unknown as Tree), ...later('zh')])
const english = new Map([...flat(en as unknown as Tree), ...later('en')])

test('every part has both languages', () => {
  expect(parts.length).toBeGreaterThan(10)
  expect(parts.length % 2).toBe(0)
})

test('both languages have the same keys and the same holes', () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  for (const [key, text] of chinese) expect([key, holes(english.get(key) ?? '')]).toEqual([key, holes(text)])
})

test('the words of the staff\'s faces add to the others and replace none', () => {
  const common = new Set(flat(zh as unknown as Tree).map(([key]) => key))
  expect(later('zh').map(([key]) => key).filter(key => common.has(key))).toEqual([])
})

test('no sentence is empty, and Chinese is punctuated as Chinese', () => {
  for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('')
  for (const [key, text] of chinese) expect(/[\u4e00-\u9fff][,;?!()]|[\u4e00-\u9fff]:(?!\/\/)/.test(text), key).toBe(false)
})

test('every key that the faces name exists, and whole keys are not unused', () => {
  const root = new URL('../src', import.meta.url).pathname
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => /\.(vue|ts)$/.test(name) && !name.startsWith('strings'))
    .map(name => readFileSync(join(root, name), 'utf8')).join('\n')
  const named = new Set([...sources.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(match => match[1] ?? ''))
  expect([...named].filter(key => !chinese.has(key))).toEqual([])
  const built = [...sources.matchAll(/[`'"]((?:\w+\.)+)\$\{/g)].map(match => match[1] ?? '')
  const quoted = new Set([...sources.matchAll(/'((?:\w+\.)+\w+)'/g)].map(match => match[1] ?? ''))
  const unused = [...chinese.keys()].filter(key => !named.has(key) && !quoted.has(key) && !built.some(prefix => key.startsWith(prefix)))
  expect(unused).toEqual([])
})

test('a sentence knows `{name}` and nothing else that a compiler of messages would', () => {
  for (const [key, text] of [...chinese, ...english]) {
    expect(text.replace(/\{\w+\}/g, ''), key).not.toMatch(/[{}]|@[:.]| \| /)
  }
})

test('holes are filled, an empty one stays empty, and a person\'s braces are only text', () => {
  i18n.global.setLocaleMessage('zh', { trial: { held: '{name} 还剩 {left} 次' } } as unknown as typeof zh)
  expect(i18n.global.t('trial.held', { name: '{left}$1', left: 0 })).toBe('{left}$1 还剩 0 次')
  expect(i18n.global.t('trial.held', { name: '甲' })).toBe('甲 还剩  次')
})
