/** 预约发布: what the house launches by itself at a mark of the lesson. No I/O. */

export type MarkKind = 'minutes' | 'chapter' | 'page'
export interface PlannedMark { kind: MarkKind, number: number, material_id: string | null, name: string | null }
export interface Planned {
  id: string
  question_ids: string[]
  /** Of the first question; empty when it was removed. */
  text: string
  gone: number
  mark: PlannedMark
  seconds: number | null
  keep: 'first' | 'last'
  due_at: string | null
  state: 'waiting' | 'missed' | 'launched' | 'cancelled' | 'over'
  held: 'quiz' | 'curtain' | null
  missed: 'away' | 'question_gone' | 'asked' | 'too_many' | null
  quiz_id: string | null
  server_time: string
}
export interface Planning {
  question_ids: string[]
  mark: MarkKind
  number: number
  material_id?: string
  seconds?: number
  keep: 'first' | 'last'
  grace_ms?: number
  mix_questions?: boolean
  mix_options?: boolean
}

/** The last minute before a launch: it is in sight. */
const SOON_MS = 60_000

/** What may still come: what waits for a hand first, then by its time, then what waits for its mark, as it was planned. */
export function coming(items: readonly Planned[]): Planned[] {
  const rank = (one: Planned) => one.state === 'missed' ? 0 : one.due_at === null ? 2 : 1
  return items.filter(one => one.state === 'waiting' || one.state === 'missed')
    .map((one, at) => ({ one, at }))
    .sort((a, b) => rank(a.one) - rank(b.one) || (rank(a.one) === 1 ? Date.parse(a.one.due_at ?? '') - Date.parse(b.one.due_at ?? '') : 0) || a.at - b.at)
    .map(({ one }) => one)
}

/** Until it is launched, by the server's clock; null: nobody can say yet. */
export function leftMs(one: Planned, nowMs: number): number | null {
  if (one.state !== 'waiting' || one.due_at === null || one.held !== null) return null
  return Math.max(0, Date.parse(one.due_at) - nowMs)
}

export function soon(one: Planned, nowMs: number): boolean {
  const left = leftMs(one, nowMs)
  return left !== null && left <= SOON_MS
}

/** Which questions are planned already: each once. */
export function plannedQuestions(items: readonly Planned[]): Set<string> {
  return new Set(coming(items).flatMap(one => one.question_ids))
}
