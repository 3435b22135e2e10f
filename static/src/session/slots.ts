/** Whether the programme's picture slots hold a source that really sends. */

import { computed } from 'vue'
import type { SlotName } from '@/protocol/model'
import { useLesson } from './lesson'

export function useSlots() {
  const store = useLesson()
  const sends = (slot: SlotName) => {
    const name = store.stage?.slots[slot] ?? null
    const source = store.stage?.sources.find(one => one.source === name)
    return name !== null && (source ? source.connected && source.has_video : slot === 'camera')
  }
  return { clip: computed(() => store.stage?.slots.camera === 'clip'), hasCamera: computed(() => sends('camera')), hasScreen: computed(() => sends('screen')) }
}
