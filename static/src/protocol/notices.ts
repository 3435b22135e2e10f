/** 通知: shapes and calls of docs/protocol.md, section 4, Notices; outside of the first page. */

import type { LessonState, Named, Page } from './model'
import type { Rest } from './rest'

/** `make_up` is no wave: one letter to who has the lesson to make up. */
export type Wave = 'invite' | 'day' | 'hour' | 'make_up'

export interface Letter {
  id: string
  wave: Wave
  lesson: { id: string, title: string, state: LessonState, starts_at: string, ends_at: string }
  /** As it was told. */
  starts_at: string
  /** The time told before it, when the lesson was moved. */
  was: string | null
  place: string
  sent_at: string
  read: boolean
  /** Of a lesson that is to be made up. */
  deadline_at?: string | null
}

export type Channel = 'portal' | 'wecom' | 'sms'
export type Sent = 'queued' | 'sending' | 'sent' | 'failed' | 'unknown' | 'stopped'
export interface WaveCount { channel: Channel, state: Sent, count: number, read: number }
export interface WaveMade { wave: Wave, due_at: string, made_at: string | null, members: number, counts: WaveCount[] }
export interface Waves {
  on: boolean
  channels: Exclude<Channel, 'portal'>[]
  round: number
  told: string | null
  waves: WaveMade[]
}
export interface Troubled { id: string, wave: Wave, member: Named, channel: Channel, state: 'failed' | 'unknown', code: string, tries: number, next_at: string }
export interface CallList { items: { member: Named, unit: Named, phone: string | null, place: string, why: 'no_channel' | 'not_reached' }[], left_out: number }

export interface Inbox { items: Letter[], unread: number, next_cursor: string | null }

export function noticeCalls(rest: Rest) {
  return {
    inbox: (limit: number, cursor?: string | null) => rest.json<Inbox>('GET', `/api/v1/inbox?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`),
    mark: (id: string, read: boolean) => rest.command<{ unread: number }>(`/api/v1/inbox/${id}/read`, { read }),
    waves: (lesson: string) => rest.json<Waves>('GET', `/api/v1/lessons/${lesson}/waves`),
    troubled: (lesson: string) => rest.json<Page<Troubled>>('GET', `/api/v1/lessons/${lesson}/deliveries?limit=200`),
    retry: (lesson: string, unknown: boolean) => rest.command<{ queued: number }>(`/api/v1/lessons/${lesson}/deliveries/retry`, { unknown }),
    callList: (lesson: string) => rest.json<CallList>('GET', `/api/v1/lessons/${lesson}/call-list`),
    markAll: () => rest.command<{ unread: number }>('/api/v1/inbox/read', {}),
  }
}

export type Standing = 'overtaken' | 'cancelled' | 'draft' | 'over' | null

/** What has become of the lesson since it was told; null: it stands as told. */
export function standingOf(letter: Pick<Letter, 'lesson' | 'starts_at'>): Standing {
  const { state, starts_at: now } = letter.lesson
  if (state === 'cancelled' || state === 'draft') return state
  if (Date.parse(now) !== Date.parse(letter.starts_at)) return 'overtaken'
  return state === 'ended' || state === 'settled' || state === 'archived' ? 'over' : null
}

export const headOf = (letter: Pick<Letter, 'wave' | 'was'>): Wave | 'moved' => letter.was ? 'moved' : letter.wave

/** What is on its way waits still, as far as people care. */
export function countOf(counts: readonly WaveCount[], channel: Channel, state: Sent): number {
  const states = state === 'queued' ? ['queued', 'sending'] : [state]
  return counts.filter(one => one.channel === channel && states.includes(one.state)).reduce((sum, one) => sum + one.count, 0)
}

export const dialled = (phone: string): string => phone.replace(/[^0-9+*#]/g, '')
