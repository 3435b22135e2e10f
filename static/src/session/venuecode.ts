/** The sign-in code of a room's screen: fetched ahead slot by slot, shown by the server's time and no other clock. */

import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { monotonicMs } from '@/clock'
import type { VenueCodes } from '@/protocol/model'
import { codeAt, wantsMore } from '@/protocol/signcode'
import { rest } from './api'

const LOOK_MS = 250
/** Between two questions while the answer stays away. */
const AGAIN_MS = 2_000

/** `venue`: the lesson venue to show; null: none now. */
export function useVenueCode(lessonId: () => string, venue: () => string | null) {
  const batch = shallowRef<{ codes: VenueCodes, offsetMs: number } | null>(null)
  const now = ref(monotonicMs())
  let asking = false
  let askedAt = -AGAIN_MS

  const code = computed(() => {
    const held = batch.value
    return held?.codes.lesson_venue_id === venue() ? codeAt(held.codes.codes, now.value + held.offsetMs) : null
  })

  function look(): void {
    now.value = monotonicMs()
    const wanted = venue()
    if (wanted === null || asking || now.value - askedAt < AGAIN_MS) return
    const held = batch.value
    if (held?.codes.lesson_venue_id !== wanted || wantsMore(held.codes.codes, now.value + held.offsetMs)) void ask(wanted)
  }

  async function ask(wanted: string): Promise<void> {
    asking = true
    askedAt = monotonicMs()
    try {
      const codes = await rest.signInCode(lessonId(), wanted)
      const arrived = monotonicMs()
      // The answer was true half way along its trip.
      batch.value = { codes, offsetMs: Date.parse(codes.server_time) + (arrived - askedAt) / 2 - arrived }
    } catch {
      // What is in hand is shown as long as it is good; the next look asks again.
    } finally {
      asking = false
    }
  }

  const timer = setInterval(look, LOOK_MS)
  look()
  onScopeDispose(() => { clearInterval(timer) })
  return { code }
}
