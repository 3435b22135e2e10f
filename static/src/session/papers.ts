/** The lesson's materials, the page on stage, and the page that this person looks at. Comes with the parts that show it. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { monotonicMs } from '@/clock'
import { lastPage, stepped, type Material } from '@/protocol/materials'
import { useLesson } from './lesson'
import { paperwork } from './paperwork'
import { say, type Said } from './say'

/** A hall opens a deck in the same second: each phone asks at a moment of its own. */
const SPREAD_MS = 1_500
const LEAST_BETWEEN_MS = 4_000

export const usePapers = defineStore('papers', () => {
  const lesson = useLesson()
  const items = shallowRef<readonly Material[]>([])
  const loaded = ref(false)
  const said = shallowRef<Said | null>(null)
  /** null: with the lecturer. */
  const own = ref<number | null>(null)
  let timer: ReturnType<typeof setTimeout> | null = null
  let readMs = -Infinity

  const deck = computed(() => items.value.find(one => one.id === lesson.slides?.material_id) ?? null)
  /** As far as one may look back. */
  const last = computed(() => deck.value ? lastPage(deck.value, lesson.slides?.reached ?? 0) : lesson.slides?.reached ?? 0)
  const page = computed(() => own.value ?? lesson.slides?.page ?? 0)
  const away = computed(() => own.value !== null && own.value !== lesson.slides?.page)

  async function refresh(): Promise<void> {
    const id = lesson.lesson?.id
    if (!id) return
    readMs = monotonicMs()
    try {
      const found = await paperwork.list(id)
      if (id !== lesson.lesson?.id) return
      items.value = found
      loaded.value = true
      said.value = null
    } catch (error) {
      said.value = say(error)
    }
  }

  function soon(): void {
    timer ??= setTimeout(() => { timer = null; void refresh() }, SPREAD_MS * Math.random())
  }

  /** A picture did not come: perhaps its address ran out. */
  function lost(): void {
    if (monotonicMs() - readMs > LEAST_BETWEEN_MS) soon()
  }

  /** Pages of one's own, within what was shown. */
  function step(by: number): void {
    own.value = stepped(page.value, by, last.value)
  }

  lesson.follow((event) => {
    if (event.kind === 'material.changed') soon()
    if (event.kind === 'slides.opened' && !items.value.some(one => one.id === event.data.material_id && one.base)) soon()
  })
  lesson.rereads(refresh)
  watch(() => lesson.slides?.material_id, () => { own.value = null })
  watch(() => lesson.lesson?.id, (id) => {
    items.value = []
    loaded.value = false
    own.value = null
    if (id) void refresh()
  }, { immediate: true })

  return { items, loaded, said, own, deck, last, page, away, refresh, lost, step }
})
