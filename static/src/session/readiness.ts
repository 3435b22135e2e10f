/** The venues before and during the lesson: what their preflights found, and whose people were moved. */

import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ReadinessCalls, troubled, type Failover, type Readiness } from '@/protocol/readiness'
import { rest } from './api'
import { useLesson } from './lesson'

export const readiness = new ReadinessCalls(rest)

/** The venue whose failover the director has asked for; its dialog stands over the whole console. */
export const failoverAsked = ref<string | null>(null)
export const askFailover = (lessonVenueId: string): void => { failoverAsked.value = lessonVenueId }

const KINDS = /^(preflight\.|venue\.(fallback|failed_over|restored))/
const PAUSE_MS = 200

/** Call in setup. `wanted`: the lesson, null while there is none. `run`: the failovers, too, which are for who runs it. */
export function useReadiness(wanted: () => string | null, run: () => boolean) {
  const store = useLesson()
  const venues = shallowRef<readonly Readiness[]>([])
  const failovers = shallowRef<readonly Failover[]>([])
  let timer: ReturnType<typeof setTimeout> | null = null

  async function read(): Promise<void> {
    const id = wanted()
    if (id === null) { venues.value = []; failovers.value = []; return }
    const [found, moved] = await Promise.all([readiness.venues(id).catch(() => null), run() ? readiness.failovers(id).catch(() => null) : []])
    if (id !== wanted()) return
    if (found) venues.value = found
    if (moved) failovers.value = moved
  }

  function soon(): void {
    timer ??= setTimeout(() => { timer = null; void read() }, PAUSE_MS)
  }

  const quiet = store.follow((event) => { if (KINDS.test(event.kind)) soon() })
  const still = store.rereads(read)
  watch([wanted, () => store.returns], () => { void read() }, { immediate: true })
  // Whoever arrives changes the board, not the log.
  watch(() => store.board?.at, () => { if (failovers.value.some(one => one.arriving > 0)) soon() })
  onScopeDispose(() => {
    quiet()
    still()
    if (timer !== null) clearTimeout(timer)
  })

  const standing = computed(() => failovers.value.filter(one => one.undone_at === null))
  const count = computed(() => venues.value.filter(troubled).length + standing.value.length)
  return { venues, failovers, standing, count, read }
}

export type ReadinessWatch = ReturnType<typeof useReadiness>
