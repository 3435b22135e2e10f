/** A paper whose marks are saved as they are made, and what is left when its time is over. */

import { computed, onUnmounted, ref, watch, type Ref } from 'vue'
import type { Countdown } from '@/protocol/countdown'
import type { Quiz } from '@/protocol/model'
import { savesItself } from '@/protocol/paperrun'
import { PaperSaving } from '@/protocol/papersaving'
import { answerOf, blankAnswer } from '@/protocol/sheet'
import { useLesson } from '@/session/lesson'
import { useQuiz } from '@/session/quiz'
import { say, type Said } from '@/session/say'

const CHOSEN_MS = 500
const WRITTEN_MS = 1_500
/** A hall hands in at the end: spread, and still before the server's deadline. */
const SPREAD_MS = 500
/** Said for good: these marks go nowhere any more. */
const FINAL = ['quiz_closed', 'already_answered', 'paper_handed_in', 'option_unknown', 'not_on_roster', 'quiz_not_found', 'forbidden', 'invalid_body']

export type Saved = 'nothing' | 'waiting' | 'saved' | 'failed' | 'kept'

/** `drafts`: what lies marked of each question, by id; of one that was not touched nothing. */
export function usePaperSaving(quiz: Ref<Quiz>, paper: Ref<readonly Quiz[]>, left: Ref<Countdown>, drafts: Ref<ReadonlyMap<string, readonly string[]>>) {
  const store = useQuiz()
  const lesson = useLesson()
  const failed = ref<Said | null>(null)
  let timer: ReturnType<typeof setTimeout> | null = null
  const saving = new PaperSaving({
    send: async (id, choice) => {
      await store.answer(id, choice)
      const sending = store.sendingOf(id)
      if (sending.name === 'failed' && FINAL.includes(sending.code)) saving.drop(id)
      return sending.name !== 'failed'
    },
  })
  const itself = computed(() => savesItself(quiz.value))
  const mayWrite = computed(() => itself.value && quiz.value.closed_at === null && !left.value.over && !quiz.value.paused_at && !quiz.value.run?.handed_in_at)
  const isOpen = (one: Quiz) => one.closed_at === null && !one.run?.handed_in_at
  /** What would be sent of a question; null: nothing new is marked in it. An ordering that nobody touched is none. */
  function markOf(one: Quiz): readonly string[] | null {
    const draft = drafts.value.get(one.id)
    const answer = draft && answerOf(one, [...draft])
    if (!answer || !isOpen(one) || (one.my_choice !== null && one.keep !== 'last')) return null
    if (answer.join('\n') === (one.my_choice ?? []).join('\n')) return null
    return one.kind === 'ordering' && one.my_choice === null && answer.join() === blankAnswer(one).join() ? null : answer
  }
  const marked = computed(() => new Map(paper.value.flatMap((one) => { const mark = markOf(one); return mark ? [[one.id, mark] as const] : [] })))

  /** True: the server has everything that lies marked. */
  async function saveAll(): Promise<boolean> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    for (const [id, mark] of marked.value) saving.mark(id, mark)
    return saving.saveAll()
  }
  function soon(): void {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => { void saveAll() }, left.value.seconds <= 2 ? 0 : quiz.value.places ? WRITTEN_MS : CHOSEN_MS)
  }

  const saved = computed((): Saved => {
    const { id, my_choice: mine } = quiz.value
    if (marked.value.has(id)) return store.sendingOf(id).name === 'failed' ? 'failed' : 'waiting'
    const draft = drafts.value.get(id)
    if (mine !== null && draft && !answerOf(quiz.value, [...draft])) return 'kept'
    return mine !== null ? 'saved' : 'nothing'
  })

  /** 交卷: everything that is marked first; then nothing changes any more. */
  async function handIn(): Promise<boolean> {
    failed.value = null
    await saveAll()
    if (marked.value.size > 0) return false
    try {
      await store.handIn(quiz.value.id)
      return true
    } catch (error) {
      failed.value = say(error)
      return false
    }
  }

  watch(marked, (now) => { if (itself.value && now.size > 0) soon() })
  watch([() => quiz.value.id, () => quiz.value.paused_at, () => lesson.link.name], () => { if (itself.value && marked.value.size > 0) void saveAll() })
  // The time is nearly over: what is marked goes out by itself, saved before or not. The server's clock decides.
  watch(() => left.value.seconds <= 1 && paper.value.some(isOpen) && !quiz.value.paused_at, (over) => {
    if (!over || marked.value.size === 0) return
    if (itself.value) void saveAll()
    else timer = setTimeout(() => { void saveAll() }, SPREAD_MS * Math.random())
  })
  watch(() => left.value.over, (over) => { if (over && marked.value.size > 0) void saveAll() })
  onUnmounted(() => { if (timer !== null) clearTimeout(timer) })

  return { mayWrite, saved, marked, failed, saveAll, handIn }
}
