/** A long list as a face shows it: filtered by the server, page after page; the newest question wins. */

import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Page } from '@/protocol/model'
import { say, type Said } from '@/session/say'

const LIMIT = 200

export interface Pages<T, Q> {
  items: ShallowRef<readonly T[]>
  more: Ref<boolean>
  busy: Ref<boolean>
  said: Ref<Said | null>
  load: (query: Q) => Promise<void>
  next: () => Promise<void>
}

export function usePages<T, Q extends object>(read: (query: Q, limit: number, cursor: string | null) => Promise<Page<T>>): Pages<T, Q> {
  const items = shallowRef<readonly T[]>([])
  const more = ref(false)
  const busy = ref(false)
  const said = ref<Said | null>(null)
  let cursor: string | null = null
  let asked: Q | null = null
  let latest = 0

  async function fetch(query: Q, from: string | null, onto: readonly T[]): Promise<void> {
    latest += 1
    const mine = latest
    busy.value = true
    try {
      const page = await read(query, LIMIT, from)
      if (mine !== latest) return
      items.value = [...onto, ...page.items]
      cursor = page.next_cursor ?? null
      more.value = cursor !== null
      said.value = null
    } catch (error) {
      if (mine === latest) said.value = say(error)
    } finally {
      if (mine === latest) busy.value = false
    }
  }

  async function load(query: Q): Promise<void> {
    asked = query
    await fetch(query, null, [])
  }

  async function next(): Promise<void> {
    if (asked !== null && cursor !== null) await fetch(asked, cursor, items.value)
  }

  return { items, more, busy, said, load, next }
}
