/** The installation's notice (非涉密系统…) stands on every page, and beside whatever takes a file. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../src', import.meta.url).pathname
const source = (name: string) => readFileSync(join(root, name), 'utf8')
const told = (name: string) => /<Notice\b|site\.notice/.test(source(name).split('<template>').slice(1).join(''))

/** Pages that carry no content of anybody's, each with its reason. */
const BARE = new Map([['faces/portal/Unknown.vue', 'says that there is no such page, and nothing else']])
/** Pages that tell it in a part of theirs which is there as long as they are. */
const PARTS = new Map([['faces/console/Console.vue', ['faces/console/TopLine.vue']], ['faces/venue/VenueScreen.vue', ['faces/venue/VenueStart.vue']]])

/** Path in the table of routes → component, and the page around it. */
function pages(): { page: string, around: string | null }[] {
  const table = source('router.ts')
  const within = table.slice(table.indexOf("path: '/manage',"), table.indexOf("path: '/manage/recordings/:id'"))
  return [...table.matchAll(/import\('\.\/(faces\/[\w/]+\.vue)'\)/g)].map(([, page = '']) => ({
    page, around: within.includes(page) && page !== 'faces/manage/Manage.vue' ? 'faces/manage/Manage.vue' : null,
  }))
}

test('every page of the table of routes shows it, itself or by the page around it', () => {
  const all = pages()
  expect(all.length).toBeGreaterThan(25)
  expect(all.filter(({ page, around }) => !BARE.has(page) && ![page, ...(around ? [around] : []), ...(PARTS.get(page) ?? [])].some(told)).map(({ page }) => page)).toEqual([])
  for (const [page, parts] of PARTS) for (const part of parts) expect([part, source(page).includes(`/${part.split('/').at(-1)}'`) && told(part)]).toEqual([part, true])
})

test('so does the question that stands in the place of every page', () => {
  expect(told('faces/consent/Consent.vue')).toBe(true)
})

test('whatever takes a file shows it beside', () => {
  const takers = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.vue') && source(name).includes('type="file"'))
  expect(takers.length).toBeGreaterThan(1)
  expect(takers.filter(name => !told(name))).toEqual([])
})
