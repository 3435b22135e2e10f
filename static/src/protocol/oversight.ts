/** Overseen items (督办): shapes and calls of docs/protocol.md. No I/O of its own, no clock. */

import type { May, Named } from './model'
import type { Rest } from './rest'

export const SUBJECTS = ['missing', 'credit', 'meeting', 'other'] as const
export const OVERSIGHT_STATES = ['overdue', 'open', 'answered', 'closed', 'withdrawn'] as const
export type Subject = typeof SUBJECTS[number]
export type OversightState = typeof OVERSIGHT_STATES[number]
export type Deed = 'answer' | 'return' | 'close' | 'withdraw'

export interface Oversight {
  id: string
  unit: Named
  above: Named
  subject: Subject
  text: string
  due_on: string
  state: OversightState
  opened_at: string
  returns: number
  steps: { step: Deed | 'open', by: string, at: string, text: string, due_on: string }[]
  may: Deed[]
}
export interface OversightCounts { states: Record<OversightState, number>, to_answer: number, units: Named[] }
export interface OversightDraft { unit_id: string, subject: Subject, text: string, due_on: string }

export class OversightCalls {
  constructor(private readonly rest: Rest) {}

  listed(wanted: { state?: string, unit?: string, cursor?: string }) {
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value))
    return this.rest.json<{ items: Oversight[], next_cursor: string | null }>('GET', `/api/v1/oversights?${query}`)
  }

  one = (id: string) => this.rest.json<Oversight>('GET', `/api/v1/oversights/${encodeURIComponent(id)}`)
  counts = () => this.rest.json<OversightCounts>('GET', '/api/v1/oversights/counts')
  open = (draft: OversightDraft) => this.rest.command<Oversight>('/api/v1/oversights', { ...draft })
  /** `due`: a new last day, of a return only; empty: the old one. */
  step = (id: string, deed: Deed, text: string, due = '') =>
    this.rest.command<Oversight>(`/api/v1/oversights/${id}/${deed}`, { text, ...(deed === 'return' && due ? { due_on: due } : {}) })
}

/** What of an address asks for a new item, filled in: the live page leads here. */
export function draftOf(query: Record<string, unknown>, due: string): OversightDraft {
  const one = (key: string) => typeof query[key] === 'string' ? query[key] : ''
  const subject = SUBJECTS.find(each => each === one('subject')) ?? 'missing'
  return { unit_id: one('for'), subject, text: one('text').slice(0, 500), due_on: due }
}

/** Days from a day on, both YYYY-MM-DD. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Of which unit's missing people the reader may have the names (docs/protocol.md): who settles the lesson of all, a
 *  secretary of the own units and of those below, `below`.
 */
export function namesOf(lesson: { may: readonly May[] }, roles: readonly { role: string, unit_id: string }[], below: ReadonlySet<string>): (unit: string) => boolean {
  if (!lesson.may.includes('vouch')) return () => false
  if (lesson.may.includes('settle')) return () => true
  return unit => below.has(unit) || roles.some(one => one.role === 'secretary' && one.unit_id === unit)
}

export const missingWay = (lesson: string, unit = '') => `/branch/${lesson}?view=missing&back=upward${unit ? `&unit=${encodeURIComponent(unit)}` : ''}`
