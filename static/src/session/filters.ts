/** Filters that live in the address: a reload, a link and a way back show the same. Empty ones are not in it. */

import { computed, onScopeDispose, reactive, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useFilters<K extends string>(...names: K[]): Record<K, string> {
  const route = useRoute()
  const router = useRouter()
  let next: Record<string, string | undefined> = {}

  /** To another page, which may have yet to be loaded: what is set now would call the way there off. */
  let leaving = false
  onScopeDispose(router.beforeEach((to, from) => { leaving = to.path !== from.path }))
  onScopeDispose(router.afterEach(() => { leaving = false }))

  function put(name: K, now: string): void {
    if (!Object.keys(next).length) {
      void Promise.resolve().then(() => { // those that are set together are one step
        const query = { ...route.query, ...next }
        const changed = Object.entries(next).some(([one, now]) => (route.query[one] ?? undefined) !== now)
        next = {}
        if (changed && !leaving) void router.replace({ query })
      })
    }
    next[name] = now || undefined
  }

  const filters = {} as Record<K, WritableComputedRef<string>>
  for (const name of names) {
    filters[name] = computed({
      get: () => typeof route.query[name] === 'string' ? route.query[name] : '',
      set: (now: string) => { put(name, now) },
    })
  }
  return reactive(filters) as unknown as Record<K, string>
}
