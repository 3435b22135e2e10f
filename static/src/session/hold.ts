/** An act that wants a key or a finger held for a while: letting go earlier means no. */

import { onScopeDispose, ref, type Ref } from 'vue'

export interface Hold {
  /** It is being held: the ring fills. */
  readonly held: Readonly<Ref<boolean>>
  press: () => void
  release: () => void
}

/** `later` is what the time is kept by; tests give their own. */
export function useHold(ms: number, act: () => void, later: typeof setTimeout = setTimeout): Hold {
  const held = ref(false)
  let timer: ReturnType<typeof setTimeout> | null = null
  const release = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    held.value = false
  }
  const press = () => {
    if (timer !== null) return
    held.value = true
    timer = later(() => { release(); act() }, ms)
  }
  onScopeDispose(release)
  return { held, press, release }
}
