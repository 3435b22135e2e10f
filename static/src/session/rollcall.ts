/** The roll call as the console steps through it. No I/O but the commands. */

import { computed, ref } from 'vue'
import type { RollResult, StageVenue } from '@/protocol/model'
import { directing } from './directing'
import { useLesson } from './lesson'

export const RESULTS: readonly RollResult[] = ['answered', 'no_picture', 'no_sound', 'absent']

/** While true the digits mean results, not tiles: a panel that is worked by keys has them wherever the focus is. */
export const rollHasKeys = ref(false)

/** Everybody who is not known to be there with picture and sound. */
export const failingOf = (venues: readonly StageVenue[]) => venues.filter(one => one.roll !== null && one.roll.result !== 'answered')

/** The one before `called` in the order of the lesson; null at the first. */
export function beforeOf(venues: readonly StageVenue[], called: string | null): StageVenue | null {
  const at = called === null ? venues.length : venues.findIndex(one => one.id === called)
  return venues[at - 1] ?? null
}

export function useRollCall() {
  const store = useLesson()
  const standing = computed(() => store.stage?.roll_call ?? null)
  const venues = computed(() => (store.stage?.venues ?? []).filter(one => one.part === 'branch'))
  const called = computed(() => venues.value.find(one => one.roll?.called) ?? null)
  const start = () => store.command(directing.startRollCall)
  const call = (venueId: string) => store.command(id => directing.callVenue(id, venueId))
  const decide = (venueId: string, result: RollResult) => store.command(id => directing.decideRoll(id, venueId, result))
  const finish = () => store.command(directing.finishRollCall)
  return { standing, venues, called, start, call, decide, finish }
}
