/** 通知: shapes and calls of docs/protocol.md, section 4, Notices; outside of the first page. */

import type { LessonState, Named, Page } from './model'
import type { OversightState, Subject } from './oversight'
import type { Rest } from './rest'

/** `make_up` is no wave: one letter to who has the lesson to make up. */
export type Wave = 'invite' | 'day' | 'hour' | 'make_up'

/** Letters that belong to no lesson. */
export type Topic = 'credit_short' | 'credit_corrected' | 'oversight_asked' | 'oversight_returned' | 'oversight_soon' | 'oversight_overdue' | 'oversight_answered'

interface Told { id: string, sent_at: string, read: boolean }

export interface LessonLetter extends Told {
  wave: Wave
  lesson: { id: string, title: string, state: LessonState, starts_at: string, ends_at: string }
  /** As it was told. */
  starts_at: string
  /** The time told before it, when the lesson was moved. */
  was: string | null
  place: string
  /** Of a lesson that is to be made up. */
  deadline_at?: string | null
}

/** `short`: hundredths that were missing when it was sent; `met`: nothing is missing any more. */
export interface CreditLetter { year: number, short: number, until: string, by: string, met: boolean }
/** Of one's own credit, in hundredths; `year`: in which it counts. */
export interface CorrectionLetter { title: string, before: number, after: number, reason: string, by: string, year: number }
/** `due_on` as it was told, `state` as it is now. */
export interface OversightLetter { id: string, unit: Named, above: Named, subject: Subject, text: string, due_on: string, state: OversightState }

/** Without `credit`, `correction` and `oversight`: what it was about is not the reader's business any more. */
export interface HouseLetter extends Told { wave: Topic, lesson: null, credit: CreditLetter | null, oversight: OversightLetter | null, correction?: CorrectionLetter | null }

export type Letter = LessonLetter | HouseLetter

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
export function standingOf(letter: Pick<LessonLetter, 'lesson' | 'starts_at'>): Standing {
  const { state, starts_at: now } = letter.lesson
  if (state === 'cancelled' || state === 'draft') return state
  if (Date.parse(now) !== Date.parse(letter.starts_at)) return 'overtaken'
  return state === 'ended' || state === 'settled' || state === 'archived' ? 'over' : null
}

export const headOf = (letter: Pick<LessonLetter, 'wave' | 'was'>): Wave | 'moved' => letter.was ? 'moved' : letter.wave

export const ofLesson = (letter: Letter): letter is LessonLetter => letter.lesson !== null

/** Where a letter leads; null: nowhere any more. */
export function wayOf(letter: Letter): string | null {
  if (ofLesson(letter)) return letter.wave === 'make_up' ? '/make-ups' : `/m/${letter.lesson.id}`
  if (letter.credit) return `/credit?year=${letter.credit.year}`
  if (letter.correction) return `/credit?year=${letter.correction.year}`
  return letter.oversight && `/manage/oversight?item=${letter.oversight.id}`
}

export type HouseStanding = 'met' | 'gone' | 'returned' | Exclude<OversightState, 'open'> | null

/** What has become since of what a letter asked for; null: it stands as told. */
export function houseStanding(letter: HouseLetter): HouseStanding {
  if (letter.credit) return letter.credit.met ? 'met' : null
  if (letter.correction) return null
  if (!letter.oversight) return 'gone'
  const { state } = letter.oversight
  if (letter.wave === 'oversight_answered' && (state === 'open' || state === 'overdue')) return 'returned'
  return state === 'open' || letter.wave === `oversight_${state}` ? null : state
}

/** What is on its way waits still, as far as people care. */
export function countOf(counts: readonly WaveCount[], channel: Channel, state: Sent): number {
  const states = state === 'queued' ? ['queued', 'sending'] : [state]
  return counts.filter(one => one.channel === channel && states.includes(one.state)).reduce((sum, one) => sum + one.count, 0)
}

export const dialled = (phone: string): string => phone.replace(/[^0-9+*#]/g, '')
