/** A reading of the server that a page shows: nothing yet, the thing, or why not. */

import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { say, type Said } from '@/session/say'

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
