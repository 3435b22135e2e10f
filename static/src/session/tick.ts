/** The passing of seconds as something a page can watch. */

import { onScopeDispose, ref, type Ref } from 'vue'
import { monotonicMs, wallMs } from '@/clock'

export function useWall(everyMs = 1000): Ref<number> {
  return ticking(wallMs, everyMs)
}

export function useMonotonic(everyMs = 500): Ref<number> {
  return ticking(monotonicMs, everyMs)
}

function ticking(read: () => number, everyMs: number): Ref<number> {
  const now = ref(read())
  const timer = setInterval(() => { now.value = read() }, everyMs)
  onScopeDispose(() => { clearInterval(timer) })
  return now
}
