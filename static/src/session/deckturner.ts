/** Turning pages as fast as somebody presses: one command at a time, and always to where they are by then. */

import { ref, shallowRef, watch } from 'vue'
import { stepped } from '@/protocol/materials'
import { useLesson } from './lesson'
import { paperwork } from './paperwork'
import { say, type Said } from './say'

export function useDeckTurner(lessonId: () => string) {
  const lesson = useLesson()
  const page = ref(lesson.slides?.page ?? 1)
  const said = shallowRef<Said | null>(null)
  let sending = false

  async function go(to: number): Promise<void> {
    const deck = lesson.slides
    if (!deck || to < 1 || to > deck.pages) return
    page.value = to
    if (sending) return
    sending = true
    said.value = null
    try {
      let sent = lesson.slides?.page ?? 0
      while (sent !== page.value && lesson.slides?.material_id === deck.material_id) {
        sent = page.value
        await paperwork.turn(lessonId(), deck.material_id, sent)
      }
    } catch (error) {
      said.value = say(error)
      page.value = lesson.slides?.page ?? page.value
    } finally {
      sending = false
    }
  }

  /** Somebody else turned, or our own turn was heard. */
  watch(() => lesson.slides, (now) => { if (now && !sending) page.value = now.page })

  return { page, said, go, step: (by: number) => go(stepped(page.value, by, lesson.slides?.pages ?? 1)) }
}
