/** Filters that live in the address: a reload, a link and a way back show the same. Empty ones are not in it. */

import { computed, reactive, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useFilters<K extends string>(...names: K[]): Record<K, string> {
  const route = useRoute()
  const router = useRouter()
  let next: Record<string, string | undefined> = {}

  function put(name: K, now: string): void {
    if (!Object.keys(next).length) {
      void Promise.resolve().then(() => { // those that are set together are one step
        const query = { ...route.query, ...next }
        next = {}
        void router.replace({ query })
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
