/** What is looked for is in the address, and never calls a way to another page off. */
import { describe, expect, it, vi } from 'vitest'
import { createApp, effectScope, nextTick } from 'vue'
import { createMemoryHistory, createRouter, type RouteComponent } from 'vue-router'
import { useFilters } from '@/session/filters'

const Page = { render: () => null }

async function list(query = '') {
  let loaded: ((page: RouteComponent) => void) | undefined
  const slow = () => new Promise<RouteComponent>((resolve) => { loaded = resolve })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/list', component: Page }, { path: '/one', component: slow }] })
  const app = createApp(Page).use(router)
  await router.push(`/list${query}`)
  const filters = app.runWithContext(() => effectScope().run(() => useFilters('q', 'unit'))) as Record<'q' | 'unit', string>
  return { router, filters, loaded: () => { loaded?.(Page) } }
}

const settled = async () => { for (let turn = 0; turn < 50; turn++) await nextTick() }

describe('filters in the address', () => {
  it('are one step when they are set together', async () => {
    const { router, filters } = await list()
    const replace = vi.spyOn(router, 'replace')
    filters.q = '安全'
    filters.unit = 'u1'
    await settled()
    expect([replace.mock.calls.length, router.currentRoute.value.query]).toEqual([1, { q: '安全', unit: 'u1' }])
  })

  it('do nothing when they stay as they were', async () => {
    const { router, filters } = await list('?q=a')
    const replace = vi.spyOn(router, 'replace')
    filters.q = 'a'
    filters.unit = ''
    await settled()
    expect(replace).not.toHaveBeenCalled()
  })

  it('do not hold back somebody who goes to another page that is still being loaded', async () => {
    const { router, filters, loaded } = await list('?q=a')
    const going = router.push('/one')
    await settled()
    filters.q = ''
    await settled()
    loaded()
    expect(await going).toBeUndefined()
    expect(router.currentRoute.value.fullPath).toBe('/one')
  })
})
