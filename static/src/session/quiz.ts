/** A lesson's questions: read once, kept by events, answered under one id over whatever way is open. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { AnswerCommands, deliver } from '@/protocol/answering'
import type { LessonLogEvent, Quiz } from '@/protocol/model'
import { frontOf } from '@/protocol/paperrun'
import { Refusal } from '@/protocol/problem'
import { randomId } from '@/protocol/rest'
import { afterEvent, afterOwn, latestOf, merged, NOTHING_SENT, openedAgain, runningOf, withOpinions, type Sending } from '@/protocol/sheet'
import { useAccount } from './account'
import { rest } from './api'
import { useLesson } from './lesson'
import { say, type Said } from './say'
import { isOver, keepUnsent, unsent, type Unsent } from './unsent'

/** After a question closed, 2,000 phones ask for their unit's ratio: spread over this time. */
const REREAD_SPREAD_MS = 3_000
/** Opinions are approved one by one after the close: a hall of phones reads them again at most so often, its screens soon. */
export const OPINIONS_SPREAD_MS = 20_000
/** Answers that met a pause: each looks once whether it is over. */
const PAUSED_SPREAD_MS = 1_500
/** What a dead spot left unsaid goes out by itself, as soon as there is a way again. */
const GOES_ON: readonly string[] = ['quiz_paused', 'unreachable']
/** A paper was launched: each reads it in the own order. */
const PAPER_SPREAD_MS = 1_500

/** They outlive the page of a lesson: a retry after coming back is the same command. */
const commands = new AnswerCommands(randomId)

export const useQuiz = defineStore('quiz', () => {
  const lessonStore = useLesson()
  const account = useAccount()
  const quizzes = shallowRef<readonly Quiz[]>([])
  const sendings = shallowRef<ReadonlyMap<string, Sending>>(new Map())
  const refusals = shallowRef<ReadonlyMap<string, Said>>(new Map())
  /** The list could not be read. Pushed questions still come. */
  const said = ref<Said | null>(null)
  let lessonId: string | null = null
  let generation = 0
  let unfollow: (() => void) | null = null
  let unread: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let due = Infinity
  let opinionsMs = REREAD_SPREAD_MS

  const running = computed(() => runningOf(quizzes.value))
  const latest = computed(() => latestOf(quizzes.value))
  /** What staff and venue screens are pushed of the running question. */
  const count = computed(() => {
    const pushed = lessonStore.quizCount
    const same = pushed?.run_id ? pushed.run_id === latest.value?.run?.id : pushed?.quiz_id === latest.value?.id
    return same ? pushed : null
  })
  const front = computed(() => frontOf(quizzes.value))
  const sendingOf = (quizId: string) => sendings.value.get(quizId) ?? NOTHING_SENT
  const refusalOf = (quizId: string) => refusals.value.get(quizId) ?? null

  /** Call after the lesson was entered. `opinions`: how long what was approved after the close may wait. */
  async function open(id: string, opinions = REREAD_SPREAD_MS): Promise<void> {
    close()
    opinionsMs = opinions
    generation += 1
    lessonId = id
    unfollow = lessonStore.follow(heard)
    unread = lessonStore.rereads(refresh)
    await refresh()
  }

  /** Idempotent. */
  function close(): void {
    generation += 1
    unfollow?.()
    unread?.()
    unfollow = unread = null
    if (timer !== null) clearTimeout(timer)
    timer = null
    lessonId = null
    quizzes.value = []
    sendings.value = new Map()
    refusals.value = new Map()
    said.value = null
  }

  async function refresh(): Promise<void> {
    const [id, mine] = [lessonId, generation]
    if (id === null) return
    try {
      const read = await rest.quizzes(id)
      if (mine !== generation) return
      const newest = read[read.length - 1]
      if (newest) lessonStore.heardClock(newest.server_time)
      put(merged(read, quizzes.value))
      said.value = null
      sendWaiting()
    } catch (error) {
      if (mine === generation) said.value = say(error)
    }
  }

  /** Who came too late before may answer one that is opened again: that is what it is opened for. */
  function put(now: readonly Quiz[]): void {
    const again = openedAgain(now, quizzes.value)
    quizzes.value = now
    for (const id of again) if (sendingOf(id).name === 'failed') note(id, NOTHING_SENT, null)
  }

  function heard(event: LessonLogEvent): void {
    if (lessonId === null) return
    put(afterEvent(quizzes.value, lessonId, event))
    // The own marks stand in the list alone, and so do the ratios of units.
    if (event.kind === 'quiz.closed' || event.kind === 'quiz.remarked') rereadSoon(REREAD_SPREAD_MS)
    else if (event.kind === 'quiz.opinions' && quizzes.value.some(one => one.id === event.data.quiz_id && one.closed_at !== null)) rereadSoon(opinionsMs)
    else if (event.kind === 'paper.launched') rereadSoon(PAPER_SPREAD_MS)
    // Without a socket there is no beat to tell the time: an answer of plain HTTPS does.
    else if (event.kind === 'quiz.timed') sendWaiting()
    else if (event.kind === 'quiz.launched' && lessonStore.link.name !== 'up') rereadSoon(0)
  }

  /** What was handed in while its time stood still, or in a dead spot, goes out by itself; also after a reload. */
  function sendWaiting(): void {
    for (const [id, one] of Object.entries(unsent(me(), lessonId ?? ''))) {
      const asked = quizzes.value.find(quiz => quiz.id === id)
      if (isOver(asked, one)) keep(id, null)
      else if (!asked?.paused_at && sendingOf(id).name === 'none') {
        commands.know(id, one.choice, one)
        void answer(id, one.choice)
      }
    }
    for (const waiting of quizzes.value.filter(one => one.closed_at === null && !one.paused_at)) {
      const sending = sendingOf(waiting.id)
      if (sending.name === 'failed' && GOES_ON.includes(sending.code)) void answer(waiting.id, sending.choice)
    }
  }

  const me = () => account.me?.account_id ?? ''
  const keep = (quizId: string, one: Unsent | null) => { if (lessonId !== null) keepUnsent(me(), lessonId, quizId, one) }

  /** One reading for all that wait, at the soonest of their moments. */
  function rereadSoon(spreadMs: number): void {
    const wait = 100 + spreadMs * Math.random()
    if (timer !== null && due <= performance.now() + wait) return
    if (timer !== null) clearTimeout(timer)
    due = performance.now() + wait
    timer = setTimeout(() => { timer = null; void refresh() }, wait)
  }

  /** Never throws: how it went stands in `sendingOf` and in the quiz. */
  async function answer(quizId: string, choice: readonly string[]): Promise<void> {
    const sending = sendingOf(quizId)
    const asked = quizzes.value.find(quiz => quiz.id === quizId)
    if (sending.name === 'sending' || (asked?.my_choice && asked.keep !== 'last')) return
    const mine = generation
    note(quizId, { name: 'sending', choice, again: false }, null)
    try {
      const { id, nth } = commands.of(asked, quizId, choice)
      keep(quizId, { round: asked?.round ?? 1, choice, id, nth })
      const receipt = await deliver(id, {
        socketUp: () => lessonStore.link.name === 'up',
        socket: command => lessonStore.answer(quizId, command, choice, nth),
        https: command => rest.answer(quizId, command, choice, nth),
        pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
        chance: Math.random,
        left: () => mine !== generation,
        onAgain: () => { if (mine === generation) note(quizId, { name: 'sending', choice, again: true }, null) },
      })
      if (mine === generation) taken(quizId, receipt.choice, receipt.nth ?? nth)
    } catch (error) {
      if (mine === generation) refused(quizId, choice, error, asked?.round ?? 1)
    }
  }

  /** 交卷. Throws the refusal. */
  async function handIn(quizId: string): Promise<void> {
    const mine = generation
    const { run_id: run, at } = await rest.handIn(quizId)
    if (mine === generation) quizzes.value = quizzes.value.map(quiz => quiz.run?.id === run ? { ...quiz, run: { ...quiz.run, handed_in_at: at } } : quiz)
  }

  function taken(quizId: string, choice: string[], nth: number): void {
    quizzes.value = quizzes.value.map(quiz => quiz.id === quizId && nth >= (quiz.my_nth ?? 0) ? afterOwn(quiz, choice, nth) : quiz)
    keep(quizId, null)
    note(quizId, NOTHING_SENT, null)
  }

  /** `round`: in which it was sent. */
  function refused(quizId: string, choice: readonly string[], error: unknown, round: number): void {
    const code = error instanceof Refusal ? error.code : 'page'
    if (!GOES_ON.includes(code)) keep(quizId, null)
    if (code === 'quiz_closed' && quizzes.value.some(one => one.id === quizId && (one.round ?? 1) > round)) return note(quizId, NOTHING_SENT, null)
    note(quizId, { name: 'failed', choice, code }, say(error))
    // Another answer stands: sent again this command would be refused again, also where answers may be changed.
    if (code === 'already_answered') commands.forget(quizId, choice)
    // The first answer counts: show it. A closed question: its result may be there already.
    if (code === 'already_answered' || code === 'quiz_closed' || code === 'paper_handed_in') rereadSoon(0)
    // Its time may have gone on while the word was on its way: then nothing more would be heard of it.
    if (code === 'quiz_paused') rereadSoon(PAUSED_SPREAD_MS)
  }

  function note(quizId: string, sending: Sending, refusal: Said | null): void {
    sendings.value = new Map(sendings.value).set(quizId, sending)
    const all = new Map(refusals.value)
    if (refusal) all.set(quizId, refusal)
    else all.delete(quizId)
    refusals.value = all
  }

  watch(() => lessonStore.quizCount, (now) => { quizzes.value = withOpinions(quizzes.value, now) })
  // A line that came back: what was missed comes as events, but an answer on its way may have arrived without us.
  watch(() => lessonStore.link.name, (now) => {
    if (now === 'up' && [...sendings.value.values()].some(sending => sending.name === 'failed')) rereadSoon(500)
  })

  return { quizzes, running, latest, front, count, said, sendingOf, refusalOf, open, close, refresh, answer, handIn }
})
