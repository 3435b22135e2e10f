/** The venue's screen as a kiosk: on as the server has it, so that a reload goes on; the calls that it makes. */

import { computed, ref, watch } from 'vue'
import type { KioskNames, KioskPerson, KioskState } from '@/protocol/kiosk'
import type { LessonVenue, SignIn } from '@/protocol/model'
import { rest } from './api'
import { sentence } from './say'

export const kioskCalls = (lesson: string) => ({
  names: (typed: string) => rest.json<KioskNames>('POST', `/api/v1/lessons/${lesson}/kiosk/names`, { body: { typed } }),
  person: (typed: string, memberId: string) => rest.json<KioskPerson>('POST', `/api/v1/lessons/${lesson}/kiosk/person`, { body: { typed, member_id: memberId } }),
  signIn: (typed: string, memberId: string) => rest.command<SignIn>(`/api/v1/lessons/${lesson}/kiosk/sign-ins`, { typed, member_id: memberId }),
})

/** `allowed`: people sign in here now. */
export function useKiosk(lesson: () => string, mine: () => LessonVenue | null, allowed: () => boolean) {
  const on = ref(false)
  const failed = ref('')
  const shown = computed(() => on.value && allowed())

  async function turn(wanted: boolean): Promise<void> {
    failed.value = ''
    try {
      on.value = (await rest.command<KioskState>(`/api/v1/lessons/${lesson()}/kiosk`, { on: wanted })).on
    } catch (error) {
      if (wanted) failed.value = sentence(error)
      else on.value = false // whatever the server says: the operator wants the picture back
    }
  }

  watch(() => mine()?.id, () => { on.value = mine()?.kiosk ?? false }, { immediate: true })
  return { shown, failed, turn }
}
