/** A lesson's chat: a snapshot and the events after it (session/tail.ts). */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { chatCalls, linesAfter, mergedLines, type Chat, type ChatLine, type ChatMode, type ChatSettings } from '@/protocol/chat'
import type { LessonLogEvent } from '@/protocol/model'
import { randomId } from '@/protocol/rest'
import { rest } from './api'
import { useLesson } from './lesson'
import { say, type Said } from './say'
import { Tail } from './tail'

const PAGE = 50
const QUEUE = 200
/** Two thousand phones are told at once that they are far behind: their readings spread over this time. */
const SPREAD_MS = 1_500
export type Standing = Omit<Chat, 'seq' | 'items' | 'next_cursor' | 'waiting'>
const NOTHING: Standing = { mode: 'off', slow_seconds: 0, may_write: false, muted_until: null, muted_reason: '', next_at: null }

export const useChat = defineStore('chat', () => {
  const lessonStore = useLesson()
  const calls = chatCalls(rest)
  const lines = shallowRef<readonly ChatLine[]>([])
  const standing = shallowRef<Standing>(NOTHING)
  const older = ref<string | null>(null)
  const known = ref(false)
  /** The list could not be read. */
  const said = ref<Said | null>(null)
  const waiting = computed(() => lines.value.filter(line => line.state === 'waiting'))
  const shown = computed(() => lines.value.filter(line => line.state === 'shown'))
  const tail = new Tail(apply)
  let lessonId: string | null = null
  let staff = false
  let generation = 0
  let leave: (() => void)[] = []
  let commandId = randomId()

  /** Call after the lesson was entered. Never throws. */
  async function open(id: string, asStaff: boolean): Promise<void> {
    if (lessonId === id) return
    close()
    lessonId = id
    staff = asStaff
    leave = [lessonStore.follow((event) => { tail.heard(event) }), lessonStore.rereads(() => pause(SPREAD_MS * Math.random()).then(read))]
    await refresh()
  }

  /** Idempotent. */
  function close(): void {
    generation += 1
    for (const stop of leave) stop()
    leave = []
    lessonId = null
    tail.forget()
    lines.value = []
    standing.value = NOTHING
    older.value = null
    known.value = false
    said.value = null
  }

  async function refresh(): Promise<void> {
    const mine = generation
    await read().catch((error: unknown) => { if (mine === generation) said.value = say(error) })
  }

  async function read(): Promise<void> {
    const [id, mine] = [lessonId, generation]
    if (id === null) return
    await tail.read(() => fetchAll(id), ({ chat, queue }) => {
      if (mine !== generation) return
      const { mode, slow_seconds, may_write, muted_until, muted_reason, next_at } = chat
      lines.value = mergedLines(queue, chat.items)
      standing.value = { mode, slow_seconds, may_write, muted_until, muted_reason, next_at }
      older.value = chat.next_cursor
      known.value = true
      said.value = null
    })
  }

  /** The older of two readings says where the tail begins. */
  async function fetchAll(id: string): Promise<{ seq: number, chat: Chat, queue: readonly ChatLine[] }> {
    const [queue, chat] = await Promise.all([
      staff ? calls.read(id, { state: 'waiting', limit: QUEUE }) : null,
      calls.read(id, { limit: PAGE, ...(staff ? { state: 'shown' as const } : {}) }),
    ])
    return { seq: Math.min(chat.seq, queue?.seq ?? chat.seq), chat, queue: queue?.items ?? [] }
  }

  async function readOlder(): Promise<void> {
    const [id, mine, cursor] = [lessonId, generation, older.value]
    if (id === null || cursor === null) return
    const page = await calls.read(id, { cursor, limit: PAGE, ...(staff ? { state: 'shown' as const } : {}) }).catch(() => null)
    if (!page || mine !== generation) return
    lines.value = mergedLines(page.items, lines.value)
    older.value = page.next_cursor
  }

  function apply(event: LessonLogEvent): void {
    lines.value = linesAfter(lines.value, event, staff)
    const { data } = event
    if (event.kind === 'chat.changed') settle({ mode: data.mode as ChatMode, slow_seconds: Number(data.slow_seconds) })
    // Muting changes what one may do: read again, it is about one person.
    if (!staff && (event.kind === 'talk.muted' || event.kind === 'talk.unmuted')) void refresh()
  }

  function settle(settings: ChatSettings): void {
    const opened = standing.value.mode === 'off' && settings.mode !== 'off'
    standing.value = { ...standing.value, ...settings }
    if (opened && !staff) void pause(SPREAD_MS * Math.random()).then(refresh)
  }

  /** Throws the refusal; the text sent again goes out under the same id, and is written once. */
  async function write(text: string): Promise<ChatLine> {
    const [id, mine] = [lessonId, generation]
    if (id === null) throw new Error('no lesson')
    const line = await calls.write(id, commandId, text).catch((error: unknown) => {
      if ((error as { status?: number }).status !== 0) commandId = randomId()
      throw error
    })
    commandId = randomId()
    if (mine === generation) {
      lines.value = mergedLines(lines.value, [line])
      const { slow_seconds } = standing.value
      if (slow_seconds > 0) standing.value = { ...standing.value, next_at: new Date(Date.parse(line.at) + slow_seconds * 1000).toISOString() }
    }
    return line
  }

  /** At once on this screen; what the server says otherwise comes back. Throws the refusal. */
  async function decide(line: ChatLine, what: 'approve' | 'remove'): Promise<void> {
    const before = lines.value
    lines.value = what === 'remove' ? before.filter(one => one.id !== line.id) : before.map(one => one.id === line.id ? { ...one, state: 'shown' as const } : one)
    try {
      await calls[what](line.id)
    } catch (error) {
      await refresh()
      throw error
    }
  }

  async function set(settings: ChatSettings): Promise<void> {
    if (lessonId !== null) settle(await calls.set(lessonId, settings))
  }

  const mute = (line: ChatLine, minutes: number, reason: string) => calls.mute(line.id, minutes, reason)
  const mutes = () => lessonId === null ? Promise.resolve([]) : calls.mutes(lessonId)
  const unmute = (speakerId: string) => lessonId === null ? Promise.resolve(undefined) : calls.unmute(lessonId, speakerId)

  return { lines, waiting, shown, standing, older, known, said, open, close, refresh, readOlder, write, decide, set, mute, mutes, unmute }
})

const pause = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms) })
