/** Which question the sheet shows, when it rises by itself, and what was looked at. */

import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { countdown } from '@/protocol/countdown'
import type { Quiz } from '@/protocol/model'
import { paperOf, savesItself } from '@/protocol/paperrun'
import { momentOf, viewOf } from '@/protocol/sheet'
import { useQuiz } from '@/session/quiz'

/** Questions of one paper, in one round of it. */
const isTogether = (one: Quiz, other: Quiz) => one.run?.id === other.run?.id && one.run !== null && one.run !== undefined && one.round === other.round

/** `serverNow`: milliseconds since 1970 by the server's clock. */
export function useQuizSheet(serverNow: Ref<number>) {
  const store = useQuiz()
  const open = ref(false)
  const shownId = ref<string | null>(null)
  const seen = shallowRef<ReadonlySet<string>>(new Set())
  /** Those that were over before we came: nobody waits for their result. */
  let old: ReadonlySet<string> | null = null

  const quiz = computed(() => store.quizzes.find(one => one.id === shownId.value) ?? store.front)
  const left = computed(() => leftOf(quiz.value))
  const view = computed(() => quiz.value ? viewOf(quiz.value, store.sendingOf(quiz.value.id), left.value.over) : null)
  const sending = computed(() => store.sendingOf(quiz.value?.id ?? ''))
  const refused = computed(() => store.refusalOf(quiz.value?.id ?? ''))

  /** The contextual action speaks of the newest question only. */
  const newest = computed(() => store.front)
  const paper = computed(() => paperOf(store.quizzes, quiz.value))
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
    // Of a paper the next one follows what was just answered, not what was only marked and saved, nor what one has turned to or folded away.
    if (before && isTogether(now, before) && (savesItself(now) || !(open.value && shownId.value === before.id))) return
    if (now.result === null && now.my_choice === null && newestView.value === 'choose') show(now)
  })
  watch([open, view, quiz], () => {
    if (open.value && view.value === 'result' && quiz.value) seen.value = new Set([...seen.value, quiz.value.id, ...paper.value.map(one => one.id)])
  })

  return { open, quiz, paper, left, view, sending, refused, newest, newestView, newestSeen, show }
}
