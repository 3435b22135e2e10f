/** Whose eyes a picture is for: the words over it where the lesson asks for them, else null. */

import { computed, type ComputedRef } from 'vue'
import type { Me } from '@/protocol/model'
import { useAccount } from './account'
import { useLesson } from './lesson'

/** A room's screen names the venue, a person's the name and the number. */
export const markOf = (me: Me | null) => me?.venue?.name ?? (me ? `${me.name} ${me.number}` : null)

export function useWatermark(): ComputedRef<string | null> {
  const lesson = useLesson()
  const account = useAccount()
  return computed(() => lesson.lesson?.watermark ? markOf(account.me) : null)
}
