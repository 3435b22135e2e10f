/** The names still missing in a room, and of those who were moved here and are on the way: read again when the numbers
 * changed, not on every tick of them. */

import { onScopeDispose, shallowRef, watch } from 'vue'
import type { RosterItem } from '@/protocol/model'
import { rest } from './api'
import { useLesson } from './lesson'

const LIMIT = 200
const PAUSE_MS = 2_500

/** `stamp` changes with the numbers; null: nothing to show. */
export function useMissing(lessonId: () => string, venue: () => string | null, stamp: () => string | null) {
  const missing = shallowRef<readonly RosterItem[]>([])
  let timer: ReturnType<typeof setTimeout> | null = null
  let again = false
  /** Nobody is on the way until a failover says so; after a reload it may have been said before. */
  let coming = true

  async function read(): Promise<void> {
    const at = venue()
    if (at === null) { missing.value = []; return }
    const [expected, moved] = await Promise.all([page('missing', at), coming ? page('arriving', at) : []])
    if (!expected || !moved || at !== venue()) return
    coming = moved.length > 0
    missing.value = [...moved, ...expected]
  }

  const page = async (state: 'missing' | 'arriving', at: string) =>
    (await rest.rosterPage(lessonId(), { state, venue: at }, LIMIT).catch(() => null))?.items ?? null

  /** At once, then no more often than the pause; what changed meanwhile is read after it. */
  function soon(): void {
    if (timer !== null) { again = true; return }
    timer = setTimeout(() => { timer = null; if (again) { again = false; soon() } }, PAUSE_MS)
    void read()
  }

  watch([venue, stamp], ([at, now]) => { if (at !== null && now !== null) soon() }, { immediate: true })
  const quiet = useLesson().follow((event) => {
    if (event.kind !== 'venue.failed_over' && event.kind !== 'venue.restored') return
    coming = true
    if (venue() !== null) soon()
  })
  onScopeDispose(() => { quiet(); if (timer !== null) clearTimeout(timer) })

  /** Signed in by the operator: gone before the server's next word. */
  const gone = (memberId: string) => { missing.value = missing.value.filter(one => one.member_id !== memberId) }
  return { missing, gone }
}
