/** 轮巡: the console looks at one venue after the other, or one page of the wall, by itself. */

import { computed, ref, watch, type Ref } from 'vue'
import type { StageSource } from '@/protocol/model'
import { venueSource } from '@/protocol/source'
import { kept } from './kept'
import { useMonotonic } from './tick'

export type PatrolBy = 'venues' | 'pages'
export const LEAST_SECONDS = 5
export const MOST_SECONDS = 60
export const SECONDS = [5, 10, 15, 20, 30, 45, 60] as const
export const SIZES = [16, 25] as const

/** The next connected venue after the chosen one, round and round; null when nobody is connected. */
export function nextVenue(sources: readonly StageSource[], chosen: string | null): string | null {
  const from = sources.findIndex(one => one.source === chosen) + 1
  const turned = [...sources.slice(from), ...sources.slice(0, from)]
  return turned.find(one => one.connected && venueSource(one.source))?.source ?? null
}

/** By hand, with the arrow keys: the connected tile before or after the chosen one, round and round, over all pages. */
export function neighbour(sources: readonly StageSource[], chosen: string | null, by: 1 | -1): string | null {
  const there = sources.filter(one => one.connected)
  const index = there.findIndex(one => one.source === chosen)
  const to = index < 0 ? (by > 0 ? 0 : there.length - 1) : (index + by + there.length) % there.length
  return there[to]?.source ?? null
}

/** The next page with somebody connected on it, round and round; the same when there is no other. */
export function nextPage(sources: readonly StageSource[], page: number, size: number): number {
  const pages = Math.max(1, Math.ceil(sources.length / size))
  for (let step = 1; step <= pages; step += 1) {
    const next = (page + step) % pages
    if (sources.slice(next * size, (next + 1) * size).some(one => one.connected)) return next
  }
  return page
}

export const secondsOf = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) ? Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, value)) : 10

/** `look` shows the next one. Stops by `stop`, which whoever chooses by hand calls. */
export function usePatrol(look: (by: PatrolBy) => void) {
  const mono = useMonotonic(250)
  const seconds = kept('patrol-seconds', 10)
  const by = kept<PatrolBy>('patrol-by', 'venues')
  const state = ref<'off' | 'on' | 'paused'>('off')
  const dueMs = ref(0)
  const everyMs = computed(() => secondsOf(seconds.value) * 1000)
  const leftS: Ref<number> = computed(() => Math.max(0, Math.ceil((dueMs.value - mono.value) / 1000)))

  function step(): void {
    dueMs.value = mono.value + everyMs.value
    look(by.value === 'pages' ? 'pages' : 'venues')
  }

  function toggle(): void {
    if (state.value === 'on') { state.value = 'paused'; return }
    state.value = 'on'
    step()
  }

  function stop(): void { state.value = 'off' }
  watch(mono, (now) => { if (state.value === 'on' && now >= dueMs.value) step() })
  watch([by, everyMs], () => { dueMs.value = Math.min(dueMs.value, mono.value + everyMs.value) })
  return { seconds, by, state, leftS, toggle, stop }
}
