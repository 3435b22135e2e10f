/** 通知: shapes and calls of docs/protocol.md, section 4, Notices; outside of the first page. */

import type { LessonState } from './model'
import type { Rest } from './rest'

export type Wave = 'invite' | 'day' | 'hour'

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
}

export interface Inbox { items: Letter[], unread: number, next_cursor: string | null }

export function noticeCalls(rest: Rest) {
  return {
    inbox: (limit: number, cursor?: string | null) => rest.json<Inbox>('GET', `/api/v1/inbox?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`),
    mark: (id: string, read: boolean) => rest.command<{ unread: number }>(`/api/v1/inbox/${id}/read`, { read }),
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
