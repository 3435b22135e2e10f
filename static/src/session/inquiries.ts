/** A lesson's inquiries: read once, kept by events, and what people here do with them. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import {
  afterEvent, each, isShown, NO_INQUIRIES, ordered, put, wayBack, type Inquiry, type InquiryDesk, type InquirySheet, type InquiryState, type InquiryStep,
} from '@/protocol/inquiries'
import type { LessonLogEvent } from '@/protocol/model'
import { useLesson } from './lesson'
import { say, type Said } from './say'
import { Tail } from './tail'
import { talk } from './talk'

/** Names that came back are read again by two thousand phones: spread over this time. */
const REREAD_SPREAD_MS = 3_000

/** `along`: had been merged into it, and went along when it was merged itself. */
interface Before { id: string, state: InquiryState, along: readonly string[] }
interface Done { text: string, before: readonly Before[] }

export const useInquiries = defineStore('inquiries', () => {
  const lesson = useLesson()
  const sheet = shallowRef<InquirySheet>(NO_INQUIRIES)
  const said = ref<Said | null>(null)
  const loaded = ref(false)
  /** The last act of this page, to be taken back. */
  const last = shallowRef<Done | null>(null)
  const tail = new Tail((event) => { sheet.value = afterEvent(sheet.value, event, lesson.may('run')) })
  let lessonId: string | null = null
  let generation = 0
  let stops: (() => void)[] = []
  let timer: ReturnType<typeof setTimeout> | null = null

  const desk = computed(() => sheet.value.desk)
  const shown = computed(() => ordered(sheet.value.items.filter(isShown), desk.value.order))
  const onStage = computed(() => shown.value.find(one => one.state === 'on_stage') ?? null)
  const own = computed(() => sheet.value.items.filter(one => one.mine))
  const waiting = computed(() => sheet.value.items.filter(one => one.state === 'waiting'))

  /** Call after the lesson was entered. Never throws. */
  async function open(id: string): Promise<void> {
    close()
    generation += 1
    lessonId = id
    stops = [lesson.follow(heard), lesson.rereads(read)]
    await refresh()
  }

  /** Idempotent. */
  function close(): void {
    generation += 1
    for (const stop of stops) stop()
    stops = []
    if (timer !== null) clearTimeout(timer)
    timer = null
    tail.forget()
    lessonId = null
    sheet.value = NO_INQUIRIES
    said.value = last.value = null
    loaded.value = false
  }

  async function refresh(): Promise<void> {
    const mine = generation
    try {
      await read()
      if (mine === generation) said.value = null
    } catch (error) {
      if (mine === generation) said.value = say(error)
    }
  }

  async function read(): Promise<void> {
    const [id, mine] = [lessonId, generation]
    if (id === null) return
    await tail.read(() => talk.inquiries(id), (list) => {
      if (mine !== generation) return
      sheet.value = { items: list.items, desk: list.desk }
      loaded.value = true
    })
  }

  function heard(event: LessonLogEvent): void {
    if (!event.kind.startsWith('inquiry.')) return
    const hidden = !desk.value.names
    tail.heard(event)
    if (event.kind === 'inquiry.desk' && hidden && event.data.names === true) timer ??= setTimeout(() => { timer = null; void refresh() }, REREAD_SPREAD_MS * Math.random())
  }

  // ---- members; all throw the refusal ----

  async function ask(text: string): Promise<void> {
    if (lessonId !== null) sheet.value = put(sheet.value, await talk.ask(lessonId, text))
  }

  async function vote(one: Inquiry): Promise<void> {
    const done = await talk.vote(one.id, !one.voted)
    sheet.value = each(sheet.value, other => other.id === one.id ? { ...other, voted: done.up, votes: done.votes } : other)
  }

  // ---- staff; all throw the refusal ----

  async function step(one: Inquiry, to: InquiryStep, into?: string): Promise<void> {
    const along = to === 'merge' ? sheet.value.items.filter(other => other.merged_into === one.id).map(other => other.id) : []
    const next = await talk.step(one.id, to, into)
    sheet.value = put(sheet.value, next)
    last.value = { text: one.text, before: [{ id: one.id, state: one.state, along }] }
  }

  /** How many were changed. */
  async function decide(ones: readonly Inquiry[], to: 'approve' | 'decline'): Promise<number> {
    if (lessonId === null || !ones.length) return 0
    const states = new Map(ones.map(one => [one.id, one.state]))
    const done = await talk.decide(lessonId, to, [...states.keys()])
    for (const next of done) sheet.value = put(sheet.value, next)
    last.value = { text: '', before: done.map(next => ({ id: next.id, state: states.get(next.id) ?? 'waiting', along: [] })) }
    return done.length
  }

  async function undo(): Promise<void> {
    const done = last.value
    last.value = null
    for (const { id, state, along } of done?.before ?? []) {
      const now = sheet.value.items.find(one => one.id === id)
      for (const back of now ? wayBack(state, now.state) : []) sheet.value = put(sheet.value, await talk.step(id, back))
      for (const other of along) await bring(other, id)
    }
  }

  /** Back to where it was merged before, unless somebody has done something else with it meanwhile. */
  async function bring(id: string, into: string): Promise<void> {
    if (sheet.value.items.find(one => one.id === id)?.state !== 'merged') return
    sheet.value = put(sheet.value, await talk.step(id, 'reopen'))
    sheet.value = put(sheet.value, await talk.step(id, 'merge', into))
  }

  async function assign(one: Inquiry, to: string): Promise<void> {
    sheet.value = put(sheet.value, await talk.assign(one.id, to))
  }

  async function reply(one: Inquiry, answer: string): Promise<void> {
    sheet.value = put(sheet.value, await talk.reply(one.id, answer))
  }

  async function order(ids: readonly string[]): Promise<void> {
    if (lessonId !== null) await talk.order(lessonId, ids)
  }

  async function setDesk(change: Partial<InquiryDesk>): Promise<void> {
    if (lessonId !== null) sheet.value = { ...sheet.value, desk: await talk.desk(lessonId, change) }
  }

  return { sheet, desk, shown, onStage, own, waiting, said, loaded, last, open, close, refresh, ask, vote, step, decide, undo, assign, reply, order, setDesk }
})
