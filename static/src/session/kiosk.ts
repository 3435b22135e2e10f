/** The venue's screen as a kiosk: on as the server has it, so that a reload goes on; the calls that it makes. */

import { computed, onScopeDispose, ref, watch } from 'vue'
import type { KioskNames, KioskPerson, KioskState } from '@/protocol/kiosk'
import type { LessonVenue, SignIn } from '@/protocol/model'
import { rest } from './api'
import { useLesson } from './lesson'
import { sentence } from './say'

export const kioskCalls = (lesson: string) => ({
  names: (typed: string) => rest.json<KioskNames>('POST', `/api/v1/lessons/${lesson}/kiosk/names`, { body: { typed } }),
  person: (typed: string, memberId: string) => rest.json<KioskPerson>('POST', `/api/v1/lessons/${lesson}/kiosk/person`, { body: { typed, member_id: memberId } }),
  signIn: (typed: string, memberId: string) => rest.command<SignIn>(`/api/v1/lessons/${lesson}/kiosk/sign-ins`, { typed, member_id: memberId }),
})

const turning = (lesson: string, on: boolean, venue?: string) =>
  rest.command<KioskState>(`/api/v1/lessons/${lesson}/kiosk`, { on, ...(venue ? { lesson_venue_id: venue } : {}) })

/** Whose screens are kiosks, as the server has it and says it. Call in setup. */
function useKiosks(venues: () => readonly LessonVenue[]) {
  const on = ref(new Set<string>())
  const set = (id: string, wanted: boolean) => {
    const next = new Set(on.value)
    if (wanted) next.add(id)
    else next.delete(id)
    on.value = next
  }
  const take = (found: readonly LessonVenue[]) => { on.value = new Set(found.filter(one => one.kiosk).map(one => one.id)) }
  watch(() => venues().map(one => `${one.id} ${String(one.kiosk ?? false)}`).join(), () => { take(venues()) }, { immediate: true })
  onScopeDispose(useLesson().follow((event) => {
    if (event.kind === 'venue.kiosk') set(String(event.data.lesson_venue_id), event.data.on === true)
  }))
  return { on, set, take }
}

/** `allowed`: people sign in here now. */
export function useKiosk(lesson: () => string, mine: () => LessonVenue | null, allowed: () => boolean) {
  const { on, set } = useKiosks(() => [mine()].filter(one => one !== null))
  const failed = ref('')
  const shown = computed(() => on.value.has(mine()?.id ?? '') && allowed())

  async function turn(wanted: boolean): Promise<void> {
    failed.value = ''
    const own = mine()?.id ?? ''
    try {
      set(own, (await turning(lesson(), wanted)).on)
    } catch (error) {
      if (wanted) failed.value = sentence(error)
      else set(own, false) // whatever the server says: the operator wants the picture back
    }
  }

  return { shown, failed, turn }
}

/** For who runs the lesson: any venue's. `turn` raises what the server refuses; `take`: as it was just read, for whom no events come. */
export function useKioskSwitch(lesson: () => string, venues: () => readonly LessonVenue[]) {
  const { on, set, take } = useKiosks(venues)
  async function turn(venue: string): Promise<void> {
    set(venue, (await turning(lesson(), !on.value.has(venue), venue)).on)
  }
  return { on, turn, take }
}
