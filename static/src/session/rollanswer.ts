/** The roll call as the venue's screen knows it: whether it is its turn, and its answer. */

import { computed, ref } from 'vue'
import { directing } from './directing'
import { useLesson } from './lesson'
import { sentence } from './say'

export function useRollAnswer() {
  const store = useLesson()
  const standing = computed(() => store.stage?.roll_call ?? null)
  const mark = computed(() => store.stage?.venues.find(one => one.id === store.lesson?.my_venue)?.roll ?? null)
  /** Its turn, and it has not answered. */
  const called = computed(() => mark.value?.called === true && mark.value.answered_at === null)
  const busy = ref(false)
  const failed = ref<string | null>(null)

  async function answer(): Promise<void> {
    if (busy.value || !called.value) return
    busy.value = true
    failed.value = null
    try { await store.command(directing.answerRollCall) } catch (error) { failed.value = sentence(error) } finally { busy.value = false }
  }

  return { standing, mark, called, busy, failed, answer }
}
