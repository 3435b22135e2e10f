/** Which question the sheet shows, when it rises by itself, and what was looked at. */

import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { countdown } from '@/protocol/countdown'
import type { Quiz } from '@/protocol/model'
import { momentOf, viewOf } from '@/protocol/sheet'
import { useQuiz } from '@/session/quiz'

/** `serverNow`: milliseconds since 1970 by the server's clock. */
export function useQuizSheet(serverNow: Ref<number>) {
  const store = useQuiz()
  const open = ref(false)
  const shownId = ref<string | null>(null)
  const seen = shallowRef<ReadonlySet<string>>(new Set())
  /** Those that were over before we came: nobody waits for their result. */
  let old: ReadonlySet<string> | null = null

  const quiz = computed(() => store.quizzes.find(one => one.id === shownId.value) ?? store.latest)
  const left = computed(() => leftOf(quiz.value))
  const view = computed(() => quiz.value ? viewOf(quiz.value, store.sendingOf(quiz.value.id), left.value.over) : null)
  const sending = computed(() => store.sendingOf(quiz.value?.id ?? ''))
  const refused = computed(() => store.refusalOf(quiz.value?.id ?? ''))

  /** The contextual action speaks of the newest question only. */
  const newest = computed(() => store.latest)
  const newestView = computed(() => newest.value ? viewOf(newest.value, store.sendingOf(newest.value.id), leftOf(newest.value).over) : null)
  const newestSeen = computed(() => newest.value !== null && seen.value.has(newest.value.id))

  function leftOf(one: Quiz | null) {
    return countdown(Date.parse(one?.deadline_at ?? ''), one?.seconds ?? 0, momentOf(one, serverNow.value))
  }

  function show(one: Quiz): void {
    shownId.value = one.id
    open.value = true
  }

  // A question that can still be answered rises by itself, once: launched now, or running when the page was loaded.
  watch(newest, (now, before) => {
    old ??= new Set(store.quizzes.filter(one => one.result !== null).map(one => one.id))
    seen.value = new Set([...seen.value, ...old])
    if (!now || (now.id === before?.id && now.round === before.round)) return
    if (now.result === null && now.my_choice === null && newestView.value === 'choose') show(now)
  })
  watch([open, view, quiz], () => {
    if (open.value && view.value === 'result' && quiz.value) seen.value = new Set(seen.value).add(quiz.value.id)
  })

  return { open, quiz, left, view, sending, refused, newest, newestView, newestSeen, show }
}
