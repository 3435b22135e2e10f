/** The queues at the console's side, in the order of their tabs. A new one is one more line in `useQueues`. */

import { BellRing, Building2, Hand, ListOrdered, MessageCircleQuestion, MessagesSquare, PhoneCall, Presentation, UsersRound } from '@lucide/vue'
import { computed, defineAsyncComponent, onUnmounted, watch, type Component, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useBoardWatch } from '@/session/boardwatch'
import { useChat } from '@/session/chat'
import { flagsOf } from '@/session/flags'
import { useHands } from '@/session/hands'
import { useHelps, waitingOf } from '@/session/helps'
import { useInquiries } from '@/session/inquiries'
import { kept } from '@/session/kept'
import { useLesson } from '@/session/lesson'
import { useReadiness } from '@/session/readiness'
import Alarms from './Alarms.vue'

export interface Queue {
  key: string
  icon: Component
  /** Four characters at most in Chinese, ten in English: nine tabs share one row, each as wide as its word needs. */
  label: string
  /** How many wait for a person. null or 0: nothing shown. */
  count?: number | null
  /** Lazy: `defineAsyncComponent`. Fetched when its tab is opened for the first time. */
  component: Component
  props?: Record<string, unknown>
}

const Hands = defineAsyncComponent(() => import('./Hands.vue'))
const Chat = defineAsyncComponent(() => import('./Chat.vue'))
const Contact = defineAsyncComponent(() => import('./Contact.vue'))
const RollCall = defineAsyncComponent(() => import('./RollCall.vue'))
const Venues = defineAsyncComponent(() => import('./Venues.vue'))
const Attendance = defineAsyncComponent(() => import('./Attendance.vue'))
const Inquiries = defineAsyncComponent(() => import('./Inquiries.vue'))
const Slides = defineAsyncComponent(() => import('./Slides.vue'))
const SEEN_LIMIT = 200

/** Call in setup. What a count needs is watched here, whichever tab is open. */
export function useQueues(lessonId: () => string): ComputedRef<Queue[]> {
  const { t } = useI18n()
  const alarms = useAlarmQueue(lessonId)
  const { board, stale } = useBoardWatch(lessonId)
  const hands = useHands()
  const chat = useChatQueue(lessonId)
  const inquiries = useInquiryQueue(lessonId)
  const store = useLesson()
  const helps = useHelps(() => store.lesson?.id === lessonId() && store.may('run') ? lessonId() : null)
  const watched = useReadiness(() => store.lesson?.id === lessonId() ? lessonId() : null, () => store.may('run'))
  const uncalled = computed(() => store.stage?.roll_call?.running ? store.stage.roll_call.total - store.stage.roll_call.decided : null)
  return computed<Queue[]>(() => [
    { key: 'roll', icon: ListOrdered, label: t('roll.short'), count: uncalled.value, component: RollCall },
    { key: 'alarms', icon: BellRing, label: t('console.alarms'), ...alarms.value },
    { key: 'hands', icon: Hand, label: t('hands.one'), count: hands.hands.queue.length, component: Hands },
    { key: 'contact', icon: PhoneCall, label: t('help.tab'), count: waitingOf(helps.helps.value).length, component: Contact, props: { helps } },
    { key: 'attendance', icon: UsersRound, label: t('manage.attendance'), component: Attendance, props: { lessonId: lessonId(), board: board.value, stale: stale.value } },
    { key: 'venues', icon: Building2, label: t('readiness.tab'), count: watched.count.value, component: Venues, props: { watched, lessonId: lessonId() } },
    { key: 'slides', icon: Presentation, label: t('papers.slides'), component: Slides, props: { lessonId: lessonId() } },
    { key: 'chat', icon: MessagesSquare, label: t('chat.title'), ...chat.value },
    { key: 'inquiries', icon: MessageCircleQuestion, label: t('inquiryStaff.tab'), count: inquiries.value, component: Inquiries, props: { lessonId: lessonId() } },
  ])
}

/** Read from the beginning: what waits is counted whichever tab is open. */
function useChatQueue(lessonId: () => string): ComputedRef<Pick<Queue, 'count' | 'component'>> {
  const chat = useChat()
  watch(lessonId, (id) => { void chat.open(id, true) }, { immediate: true })
  onUnmounted(() => { chat.close() })
  return computed(() => ({ count: chat.waiting.length, component: Chat }))
}

/** How many wait for approval. The list is kept whichever tab is open. */
function useInquiryQueue(lessonId: () => string): ComputedRef<number> {
  const store = useInquiries()
  watch(lessonId, (id) => { void store.open(id) }, { immediate: true })
  onUnmounted(() => { store.close() })
  return computed(() => store.waiting.length)
}

function useAlarmQueue(lessonId: () => string): ComputedRef<Pick<Queue, 'count' | 'component' | 'props'>> {
  const store = useLesson()
  /** Flags that somebody at this console looked at, as "lesson:seq". */
  const seen = kept<string[]>('flags-seen', [])
  const mine = computed(() => seen.value.filter(one => one.startsWith(`${lessonId()}:`)).map(one => Number(one.slice(lessonId().length + 1))))
  const flags = computed(() => flagsOf(store.log, mine.value))
  const alarms = computed(() => store.stage?.alarms ?? [])
  const onSeen = (seq: number) => { seen.value = [...seen.value, `${lessonId()}:${seq}`].slice(-SEEN_LIMIT) }
  return computed(() => ({ count: alarms.value.length + flags.value.length, component: Alarms, props: { alarms: alarms.value, flags: flags.value, onSeen } }))
}
