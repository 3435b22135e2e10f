/** A reading of the server that a page shows: nothing yet, the thing, or why not. */

import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { say, type Said } from '@/session/say'

interface Paged<Row> { items: Row[], next_cursor: string | null }
export interface Loading<T> { value: ShallowRef<T | null>, said: Ref<Said | null>, busy: Ref<boolean>, load: () => Promise<void> }

export function useLoading<T>(read: () => Promise<T>): Loading<T> {
  const value = shallowRef<T | null>(null)
  const said = ref<Said | null>(null)
  const busy = ref(false)
  let latest = 0

  async function load(): Promise<void> {
    latest += 1
    const mine = latest
    busy.value = true
    try {
      const found = await read()
      if (mine !== latest) return
      value.value = found
      said.value = null
    } catch (error) {
      if (mine === latest) said.value = say(error)
    } finally {
      if (mine === latest) busy.value = false
    }
  }
  return { value, said, busy, load }
}

/** The rows of a first page and of those that are asked for after it. What comes for a first page that was read anew
meanwhile, by another filter, is of another list and is dropped. */
export function useRows<Row>(first: Loading<Paged<Row>>, read: (cursor: string) => Promise<Paged<Row>>) {
  const rows = shallowRef<Row[]>([])
  const next = ref<string | null>(null)
  watch(first.value, (page) => { rows.value = page?.items ?? []; next.value = page?.next_cursor ?? null }, { flush: 'sync' })

  async function more(): Promise<void> {
    const [asked, cursor] = [first.value.value, next.value]
    if (cursor === null) return
    const page = await read(cursor).catch(() => null)
    if (!page || first.busy.value || first.value.value !== asked || next.value !== cursor) return
    rows.value = [...rows.value, ...page.items]
    next.value = page.next_cursor
  }
  return { rows, next, more }
}
