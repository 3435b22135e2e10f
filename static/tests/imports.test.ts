/** 导入名单: what is worth sending, what it changes, and a list of thousands that draws a screenful. */
import { expect, test } from 'vitest'
import { changing, importCalls, unfitTable, type RosterImport } from '@/protocol/imports'
import { Rest } from '@/protocol/rest'
import { drawnRows } from '@/protocol/rows'

test('a table is what spreadsheets write, not empty and not too large', () => {
  expect(unfitTable({ name: '名单.XLSX', size: 9 })).toBeNull()
  expect(unfitTable({ name: '名单.csv', size: 9 })).toBeNull()
  expect(unfitTable({ name: '名单.docx', size: 9 })).toBe('type')
  expect(unfitTable({ name: '名单.csv', size: 0 })).toBe('empty')
  expect(unfitTable({ name: '名单.csv', size: 17 << 20 })).toBe('size')
})

test('whoever is new, moved, gone or changed is counted', () => {
  expect(changing({ created: 3, moved: 2, left: 1, changed: 4, unchanged: 90 } as RosterImport)).toBe(10)
})

test('of thousands of rows a screenful is drawn, and the others take their room', () => {
  for (const scrolled of [0, 44, 5000, 131_560, 999_999]) {
    const { first, last, abovePx, belowPx } = drawnRows(3000, 44, scrolled, 440)
    expect(last - first).toBeLessThanOrEqual(10 + 2 * 12 + 1)
    expect(abovePx + Math.max(0, last - first) * 44 + belowPx).toBeGreaterThanOrEqual(3000 * 44 - 44)
    if (scrolled <= 2990 * 44) expect(first * 44 <= scrolled && last * 44 >= scrolled + 440).toBe(true)
  }
  expect(drawnRows(0, 44, 0, 440)).toEqual({ first: 0, last: 0, abovePx: 0, belowPx: 0 })
})

test('errors are read to the last page', async () => {
  const asked: string[] = []
  const fetch = ((path: string) => {
    asked.push(path)
    const more = path.endsWith('cursor=0')
    return Promise.resolve(new Response(JSON.stringify({ items: [{ cell: more ? 'A2' : 'B9' }], next_cursor: more ? '1000' : null })))
  }) as unknown as typeof globalThis.fetch
  const issues = await importCalls(new Rest({ fetch })).issues('x')
  expect(issues.map(one => one.cell)).toEqual(['A2', 'B9'])
  expect(asked).toHaveLength(2)
})
