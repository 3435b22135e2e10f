/** The chat of a lesson: its shapes, its calls, and how an event changes what a page shows. */

import type { LessonLogEvent } from './model'
import type { Rest, Versioned } from './rest'

export type ChatMode = 'off' | 'approved' | 'open'
/** The last two are staff: named so, and never muted. */
export type LineKind = 'member' | 'venue' | 'lecturer' | 'director'
export const isStaffLine = (line: { kind: LineKind }) => line.kind === 'lecturer' || line.kind === 'director'
export type LineState = 'waiting' | 'shown' | 'deleted'

const KINDS: readonly LineKind[] = ['member', 'venue', 'lecturer', 'director']

export interface ChatLine {
  id: string
  seq: number
  kind: LineKind
  name: string
  unit: string
  text: string
  state: LineState
  at: string
  mine: boolean
  /** A word of the customer's list is in it. */
  held: boolean
}

export interface ChatSettings { mode: ChatMode, slow_seconds: number }

export interface Chat extends ChatSettings {
  seq: number
  items: ChatLine[]
  next_cursor: string | null
  may_write: boolean
  muted_until: string | null
  muted_reason: string
  next_at: string | null
  waiting: number | null
}

export interface Mute { lesson_id: string, speaker_id: string, name: string, until: string, reason: string }
export interface WordList { unit_id: string, words: string[], version: number, changed_at: string | null }

/** Lines that a page keeps; the oldest go first. */
export const KEPT = 300
export const LONGEST = 500
export const MUTE_MINUTES = [5, 10, 30, 1440] as const

export const chatCalls = (rest: Rest) => ({
  read: (id: string, query: { state?: LineState, cursor?: string, limit?: number } = {}) =>
    rest.json<Chat>('GET', `/api/v1/lessons/${id}/chat?${new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString()}`),
  write: (id: string, commandId: string, text: string) =>
    rest.json<ChatLine>('POST', `/api/v1/lessons/${id}/chat`, { body: { command_id: commandId, text } }),
  set: (id: string, settings: ChatSettings) => rest.command<ChatSettings>(`/api/v1/lessons/${id}/chat`, { ...settings }, 'PUT'),
  approve: (lineId: string) => rest.command<ChatLine>(`/api/v1/chat/${lineId}/approve`, {}),
  remove: (lineId: string) => rest.command<ChatLine>(`/api/v1/chat/${lineId}/delete`, {}),
  mute: (lineId: string, minutes: number, reason: string) => rest.command<Mute>(`/api/v1/chat/${lineId}/mute`, { minutes, reason }),
  mutes: async (id: string) => (await rest.json<{ items: Mute[] }>('GET', `/api/v1/lessons/${id}/mutes`)).items,
  unmute: (id: string, speakerId: string) => rest.command<undefined>(`/api/v1/lessons/${id}/unmute`, { speaker_id: speakerId }),
  words: async (unitId: string): Promise<Versioned<WordList>> => {
    const value = await rest.json<WordList>('GET', `/api/v1/units/${unitId}/words`)
    return { value, etag: `"${value.version}"` }
  },
  setWords: (unitId: string, words: string[], etag: string) => rest.json<WordList>('PUT', `/api/v1/units/${unitId}/words`, { body: { words }, etag }),
})

/** The newest `KEPT` of both by their place in the log, each once; of two of one line the later one counts. */
export function mergedLines(lines: readonly ChatLine[], more: readonly ChatLine[]): ChatLine[] {
  const byId = new Map(lines.map(line => [line.id, line]))
  for (const line of more) {
    const known = byId.get(line.id)
    if (!known || line.seq >= known.seq) byId.set(line.id, { ...line, mine: line.mine || (known?.mine ?? false) })
  }
  return [...byId.values()].sort((a, b) => a.seq - b.seq).slice(-KEPT)
}

/** `staff`: what waits is anybody's; to everybody else only the own lines come before they are shown. */
export function linesAfter(lines: readonly ChatLine[], event: LessonLogEvent, staff: boolean): readonly ChatLine[] {
  const id = String(event.data.line_id)
  if (event.kind === 'chat.deleted') return lines.filter(line => line.id !== id)
  if (event.kind !== 'chat.line') return lines
  const line = lineOf(event, staff)
  return line.state === 'deleted' ? lines.filter(one => one.id !== id) : mergedLines(lines, [line])
}

function lineOf({ seq, data }: LessonLogEvent, staff: boolean): ChatLine {
  const state = data.state as LineState
  return {
    id: String(data.line_id), seq, kind: KINDS.find(kind => kind === data.kind) ?? 'member', name: String(data.name), unit: String(data.unit), text: String(data.text),
    state, at: String(data.at), mine: state === 'waiting' && !staff, held: data.held === true,
  }
}

/** What stands between a person and the next line; null: nothing. */
export type Hindrance = { name: 'off' } | { name: 'muted', reason: string, seconds: number } | { name: 'slow', seconds: number } | { name: 'closed' }

export function hindranceOf(chat: ChatSettings & { may_write: boolean, muted_until: string | null, muted_reason: string, next_at: string | null }, nowMs: number): Hindrance | null {
  if (chat.mode === 'off') return { name: 'off' }
  const muted = left(chat.muted_until, nowMs)
  if (muted > 0) return { name: 'muted', reason: chat.muted_reason, seconds: muted }
  if (!chat.may_write) return { name: 'closed' }
  const slow = chat.slow_seconds > 0 ? left(chat.next_at, nowMs) : 0
  return slow > 0 ? { name: 'slow', seconds: slow } : null
}

function left(until: string | null, nowMs: number): number {
  return until === null ? 0 : Math.max(0, Math.ceil((Date.parse(until) - nowMs) / 1000))
}
