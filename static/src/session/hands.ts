/** Hands of the lesson: read once, kept by events. The own one for everybody, the queue for staff. */

import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { afterEvent, isOpen, NO_HANDS, withHand, type Onlooker } from '@/protocol/hands'
import type { Hand, LessonLogEvent } from '@/protocol/model'
import { useAccount } from './account'
import { rest } from './api'
import { useLesson } from './lesson'
import { Tail } from './tail'

export const useHands = defineStore('hands', () => {
  const lessonStore = useLesson()
  const account = useAccount()
  const hands = shallowRef(NO_HANDS)
  /** How the own hand ended last, to be said until it is put away. */
  const outcome = shallowRef<Hand | null>(null)
  let lessonId: string | null = null
  let generation = 0
  let unfollow: (() => void) | null = null
  let unread: (() => void) | null = null
  const tail = new Tail(apply)

  /** Whose turn it is by the room of this screen: its own, or of a member who sits there. */
  const spoken = shallowRef<Hand | null>(null)

  const own = computed(() => hands.value.own)
  const who = (): Onlooker => ({
    mine: [account.me?.member_id, lessonStore.lesson?.my_venue].filter((id): id is string => typeof id === 'string'),
    staff: lessonStore.may('run'),
  })
  /** A member for oneself, a venue for its room. */
  const maySpeak = computed(() => lessonStore.onAirNow && lessonStore.lesson?.media !== false && who().mine.length > 0)

  /** Call after the lesson was entered. Never throws: events still come. */
  async function open(id: string): Promise<void> {
    close()
    generation += 1
    lessonId = id
    unfollow = lessonStore.follow((event) => { tail.heard(event) })
    unread = lessonStore.rereads(read)
    await refresh()
  }

  /** Idempotent. */
  function close(): void {
    generation += 1
    unfollow?.()
    unread?.()
    unfollow = unread = null
    tail.forget()
    lessonId = null
    hands.value = NO_HANDS
    outcome.value = null
    spoken.value = null
  }

  async function read(): Promise<void> {
    const [id, mine] = [lessonId, generation]
    if (id !== null) await tail.read(() => rest.hands(id), (list) => { if (mine === generation) hands.value = list })
  }

  const refresh = () => read().catch(() => undefined)

  function apply(event: LessonLogEvent): void {
    const before = own.value
    hands.value = afterEvent(hands.value, event, who())
    if (event.kind !== 'hand.changed') return
    if (before && !own.value) note(event.data)
    const hand = event.data as unknown as Hand
    if (hand.through !== null && hand.through === lessonStore.lesson?.my_venue) spoken.value = hand.state === 'on_air' ? hand : spoken.value?.id === hand.id ? null : spoken.value
  }

  function note(data: Record<string, unknown>): void {
    const hand = data as unknown as Hand
    if (['missed', 'declined', 'done'].includes(hand.state)) outcome.value = hand
  }

  function took(hand: Hand): void {
    hands.value = withHand(hands.value, hand, who())
  }

  /** These throw the refusal. */
  async function raise(topic: string): Promise<void> {
    if (lessonId === null) return
    outcome.value = null
    took(await rest.raiseHand(lessonId, topic))
  }

  async function step(hand: Hand, what: 'withdraw' | 'take' | 'lower' | 'finish'): Promise<void> {
    took(await rest.stepHand(hand.id, what))
  }

  async function next(): Promise<void> {
    if (lessonId !== null) took(await rest.nextHand(lessonId))
  }

  async function lowerAll(): Promise<void> {
    if (lessonId !== null) hands.value = await rest.lowerAllHands(lessonId)
  }

  return { hands, own, outcome, spoken, maySpeak, isOpen, open, close, refresh, raise, step, next, lowerAll }
})
