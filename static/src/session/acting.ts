/** One piece of work at a time, and in a sentence why it did not succeed. */

import { ref } from 'vue'
import { sentence } from './say'

export function useAct() {
  const busy = ref(false)
  const failed = ref('')

  /** Whether it succeeded. A second press while one runs does nothing. */
  async function act(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    failed.value = ''
    try {
      await work()
      return true
    } catch (error) {
      failed.value = sentence(error)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, failed, act }
}
