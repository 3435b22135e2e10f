/** The names still missing in a room: read again when the numbers changed, not on every tick of them. */

import { onScopeDispose, shallowRef, watch } from 'vue'
import type { RosterItem } from '@/protocol/model'
import { rest } from './api'

const LIMIT = 200
const PAUSE_MS = 2_500

/** `stamp` changes with the numbers; null: nothing to show. */
export function useMissing(lessonId: () => string, venue: () => string | null, stamp: () => string | null) {
  const missing = shallowRef<readonly RosterItem[]>([])
  let timer: ReturnType<typeof setTimeout> | null = null
  let again = false

  async function read(): Promise<void> {
    const at = venue()
    if (at === null) { missing.value = []; return }
    const page = await rest.rosterPage(lessonId(), { state: 'missing', venue: at }, LIMIT).catch(() => null)
    if (page && at === venue()) missing.value = page.items
  }

  /** At once, then no more often than the pause; what changed meanwhile is read after it. */
  function soon(): void {
    if (timer !== null) { again = true; return }
    timer = setTimeout(() => { timer = null; if (again) { again = false; soon() } }, PAUSE_MS)
    void read()
  }

  watch([venue, stamp], ([at, now]) => { if (at !== null && now !== null) soon() }, { immediate: true })
  onScopeDispose(() => { if (timer !== null) clearTimeout(timer) })

  /** Signed in by the operator: gone before the server's next word. */
  const gone = (memberId: string) => { missing.value = missing.value.filter(one => one.member_id !== memberId) }
  return { missing, gone }
}
