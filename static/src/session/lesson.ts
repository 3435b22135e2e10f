/** The lesson a face is in: what it is, what is on air, what happened, and whether we still hear of it. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { wallMs } from '@/clock'
import { curtained } from '@/protocol/curtain'
import { Live } from '@/protocol/live'
import type { SignalCounts } from '@/protocol/inquiries'
import type { Board, Face, Lesson, LessonEvent, LessonLogEvent, May, QuizCount, SlotName, Stage } from '@/protocol/model'
import { unreachable } from '@/protocol/problem'
import { reach } from '@/protocol/reach'
import { spreadOf, type Link } from '@/protocol/reconnect'
import { slidesAfter, type Slides } from '@/protocol/slides'
import { rest } from './api'

const LOG_LIMIT = 200
/** For one publisher's browser, not for people (session/wanted.ts). */
export const LAYERS = 'source.layers'
/** What happened, as people read it; what people say has lists of its own (session/tail.ts) and does not crowd this one. */
const LOG_NOUNS = ['lesson', 'cut', 'standby', 'stage', 'source', 'venue', 'recording', 'alarm', 'roster', 'sign_in', 'review', 'media', 'quiz', 'paper']
/** Events after which a face without stage pushes looks at the stage again. */
const STAGE_KINDS = /^(stage|source|venue|recording|lesson|alarm|roll_call|clip|talkback)\./
const REFRESH_MS = 150

rest.reach = reach

export const useLesson = defineStore('lesson', () => {
  const lesson = shallowRef<Lesson | null>(null)
  const stage = shallowRef<Stage | null>(null)
  const log = shallowRef<readonly LessonLogEvent[]>([])
  const link = shallowRef<Link>({ name: 'idle' })
  const polling = ref(false)
  const clockOffsetMs = ref(0)
  /** Pushed to staff, venue screens and the big board; null: none came yet. */
  const board = shallowRef<Board | null>(null)
  /** Pushed to staff and venue screens while a quiz runs. */
  const quizCount = shallowRef<QuizCount | null>(null)
  /** To staff, what the hall's signals say: pushed, and by the log where nothing is pushed. */
  const signals = shallowRef<SignalCounts | null>(null)
  /** The media process was replaced, so many times: connect again, viewers within `spreadMs`. */
  const moves = shallowRef({ count: 0, spreadMs: 0 })
  /** Grows when the server was out of reach and is there again. */
  const returns = ref(0)
  /** On stage now; kept by its events, so that two thousand phones need not look at the stage for a page. */
  const slides = shallowRef<Slides | null>(null)
  let slidesSeq = 0
  let live: Live | null = null
  let refreshTimer: ReturnType<typeof setTimeout> | null = null
  let generation = 0
  let rereading = false
  let recalls = false
  const followers = new Set<(event: LessonLogEvent) => void>()
  const readers = new Set<() => Promise<unknown>>()

  const state = computed(() => stage.value?.state ?? lesson.value?.state ?? null)
  const onAirNow = computed(() => state.value === 'open' || state.value === 'live')
  const may = (right: May) => lesson.value?.may.includes(right) ?? false
  /** Everybody sees or hears it, as far as we know: also while the media process is away. */
  const onAir = (source: string) => stage.value !== null
    && (stage.value.opened_audio.includes(source) || Object.values(stage.value.slots).includes(source))
  const label = (source: string | null) => stage.value?.sources.find(one => one.source === source)?.label
    ?? lesson.value?.venues.find(one => one.source === source)?.venue.name ?? source ?? ''

  /** Throws the refusal of the first reading; later trouble shows in `link`. */
  async function enter(id: string, face: Face): Promise<void> {
    leave()
    generation += 1
    const mine = generation
    const [found, first] = await Promise.all([rest.lesson(id), rest.stage(id)])
    if (mine !== generation) return
    lesson.value = found
    stage.value = first
    slides.value = first.slides
    slidesSeq = first.seq
    live = new Live({
      rest, lessonId: id, face, since: first.seq,
      onEvent: heard,
      onBehind: () => readAnew(id, mine),
      onStage: accept,
      onBoard: (next) => { board.value = next },
      onQuizCount: (next) => { quizCount.value = next },
      onSignals: (next) => { signals.value = next },
      onLink: (now, slow) => {
        const came = now.name === 'up' && link.value.name !== 'up'
        link.value = now
        polling.value = slow
        if (now.name === 'up') refreshSoon()
        if (came) returns.value += 1
      },
      onClock: (offset) => { clockOffsetMs.value = offset },
    })
    live.start()
    recalls = face === 'phone' || face === 'console'
    if (recalls) void recall(id, mine)
  }

  /** Too much was missed to hear it all. What is read after the stage is no older than the stage's seq: the tail begins there. */
  async function readAnew(id: string, mine: number): Promise<number> {
    const next = await rest.stage(id)
    if (mine !== generation) return next.seq
    accept(next)
    if (recalls) void recall(id, mine)
    await Promise.all([...readers].map(read => read()))
    return next.seq
  }

  /** A store whose list is kept by events: `read` is called when too many were missed, and may throw. Gives back how to stop. */
  function rereads(read: () => Promise<unknown>): () => void {
    readers.add(read)
    return () => { readers.delete(read) }
  }

  /** What happened before we came; only faces that show it ask. */
  async function recall(id: string, mine: number): Promise<void> {
    const past = await rest.latestEvents(id, LOG_LIMIT, LOG_NOUNS).catch(() => null)
    if (past && mine === generation) log.value = merged([...log.value, ...past.events])
  }

  /** Idempotent. */
  function leave(): void {
    generation += 1
    live?.stop()
    live = null
    if (refreshTimer !== null) clearTimeout(refreshTimer)
    refreshTimer = null
    lesson.value = null
    stage.value = null
    slides.value = null
    log.value = []
    link.value = { name: 'idle' }
    polling.value = false
    board.value = null
    quizCount.value = null
    signals.value = null
  }

  /** An older picture of the stage never replaces a newer one. */
  function accept(next: Stage): void {
    if (next.lesson_id !== lesson.value?.id) return
    if (stage.value && next.seq < stage.value.seq) return
    stage.value = next
    if (next.seq >= slidesSeq) { slides.value = next.slides; slidesSeq = next.seq }
    if (next.state !== lesson.value.state) void reread()
  }

  /** The lesson itself changes with its state: when it began, what may be done with it. */
  async function reread(): Promise<void> {
    const id = lesson.value?.id
    if (!id || rereading) return
    rereading = true
    const found = await rest.lesson(id).catch(() => null)
    rereading = false
    if (found && found.id === lesson.value?.id) lesson.value = found
  }

  function heard(event: LessonLogEvent): void {
    if (event.kind !== LAYERS && LOG_NOUNS.includes(event.kind.split('.')[0] ?? '')) log.value = merged([event, ...log.value])
    if (stage.value) stage.value = curtained(stage.value, event)
    if (event.kind.startsWith('slides.') && event.seq > slidesSeq) { slides.value = slidesAfter(slides.value, event); slidesSeq = event.seq }
    if (event.kind === 'signals.counted' && link.value.name !== 'up') signals.value = event.data as unknown as SignalCounts
    if (event.kind === 'media.moved') moves.value = { count: moves.value.count + 1, spreadMs: spreadOf(event.data) }
    if (STAGE_KINDS.test(event.kind) && event.kind !== LAYERS) refreshSoon()
    for (const follower of followers) follower(event)
  }

  /** Hears each event once and in order, from now on. Gives back how to stop. */
  function follow(follower: (event: LessonLogEvent) => void): () => void {
    followers.add(follower)
    return () => { followers.delete(follower) }
  }

  /** An answer of plain HTTPS said what time it is: for phones whose sockets are blocked, which get no beat. */
  function heardClock(serverTime: string): void {
    const server = Date.parse(serverTime)
    if (!Number.isNaN(server) && link.value.name !== 'up') clockOffsetMs.value = server - wallMs()
  }

  /** Over the socket; throws `unreachable` without one. */
  const answer = (quizId: string, commandId: string, choice: readonly string[], nth: number) =>
    live ? live.answer(quizId, commandId, choice, nth) : Promise.reject(unreachable())

  /** Media stopped: is the server out of reach? */
  function probe(): void {
    live?.probe()
  }

  function refreshSoon(): void {
    refreshTimer ??= setTimeout(() => { refreshTimer = null; void refresh() }, REFRESH_MS * (0.5 + Math.random()))
  }

  async function refresh(): Promise<void> {
    const id = lesson.value?.id
    if (!id) return
    const next = await rest.stage(id).catch(() => null)
    if (!next) return
    // Read before an event that has changed ours meanwhile: what it says is wanted all the same.
    if (id === lesson.value?.id && next.seq < (stage.value?.seq ?? 0)) refreshSoon()
    else accept(next)
  }

  async function transition(event: LessonEvent): Promise<void> {
    if (!lesson.value) return
    lesson.value = await rest.transition(lesson.value.id, event)
    await refresh()
  }

  /** Any command that answers with the stage. Throws its refusal. */
  const command = async (act: (id: string) => Promise<Stage>) => {
    if (lesson.value) accept(await act(lesson.value.id))
  }
  const take = (slot: SlotName, source: string | null) => command(id => rest.take(id, slot, source))
  const openAudio = (source: string, opened: boolean) => command(id => rest.openAudio(id, source, opened))
  const muteAll = () => command(id => rest.muteAll(id))
  const record = (action: 'pause' | 'resume') => command(id => rest.record(id, action))
  const venueMicrophone = (position: 'muted' | 'ready') => command(id => rest.venueMicrophone(id, position))
  const retry = () => { live?.retry() }

  return {
    command, lesson, stage, log, link, polling, clockOffsetMs, moves, returns, board, quizCount, signals, slides, state, onAirNow,
    may, onAir, label, enter, leave, refresh, follow, rereads, heardClock, probe, answer,
    transition, take, openAudio, muteAll, record, venueMicrophone, retry,
  }
})

/** Newest first, each once, the oldest dropped beyond the limit. */
function merged(events: readonly LessonLogEvent[]): LessonLogEvent[] {
  const bySeq = new Map(events.map(event => [event.seq, event]))
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, LOG_LIMIT)
}
