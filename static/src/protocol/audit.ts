/** The audit log (docs/protocol.md, section 4). */

import type { Page } from './model'
import type { Rest } from './rest'

export interface AuditLine {
  position: number
  at: string
  actor: string | null
  actor_name: string | null
  actor_number: string | null
  address: string
  login: string
  request_id: string
  action: string
  about: string
  result: string
  detail: string | null
  hash: string
}
export interface AuditHead { position: number, hash: string, cut: number }
export interface Findings { sound: boolean, count: number, cut: number, erased: number, head: string | null, flaw: { position: number, fault: string, text: string, text_en: string } | null }
export interface AuditCheck {
  id: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number
  noted: string | null
  created_at: string
  created_by: string
  ended_at: string | null
  result: Findings | null
  code: string | null
  text: string | null
  text_en: string | null
}

/** As they stand in the address: days of this device's calendar, both of them counted in. */
export interface AuditFilters { since: string, until: string, who: string, noun: string, what: string, result: string }

/** What calls are about, by the part of their path that says so. */
export const NOUNS = {
  session: '/session', accounts: '/accounts', codes: '/access-codes', members: '/members', units: '/units', imports: '/roster-imports', roster: '/roster', signins: 'sign-in',
  leaves: '/leaves', corrections: '/corrections', findings: '/findings', venues: '/venue', quizzes: '/quizzes', bank: '/bank', materials: '/materials', recordings: '/recordings',
  credit: '/credit', reviews: '/reviews', lessons: '/lessons', audit: 'audit',
} as const
export type Noun = keyof typeof NOUNS

/** The noun of an action: the one that stands furthest to the right says most. */
export function nounOf(action: string): Noun | 'imported' | 'other' {
  if (action === 'roster.imported') return 'imported'
  let found: Noun | 'other' = 'other'
  let at = -1
  for (const [noun, part] of Object.entries(NOUNS) as [Noun, string][]) {
    const here = action.lastIndexOf(part)
    if (here > at) { at = here; found = noun }
  }
  return found
}

/** What is asked of the server. */
export function auditQuery(filters: AuditFilters): Record<string, string> {
  const day = (text: string, more: number) => {
    const [year, month, date] = text.split('-').map(Number)
    const at = new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + more)
    return Number.isNaN(at.getTime()) ? '' : at.toISOString()
  }
  const asked = {
    since: filters.since && day(filters.since, 0), until: filters.until && day(filters.until, 1), who: filters.who, what: filters.what, result: filters.result,
    action: filters.noun in NOUNS ? NOUNS[filters.noun as Noun] : '',
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value))
}

export const exportPath = (filters: AuditFilters, format: 'csv' | 'jsonl') => `/api/v1/audit/export?${new URLSearchParams({ format, ...auditQuery(filters) }).toString()}`

/** What was asked, one thing a line. */
export function detailRows(detail: string | null): [string, string][] {
  if (detail === null) return []
  try {
    const said: unknown = JSON.parse(detail)
    if (said === null || typeof said !== 'object') return [['', detail]]
    return Object.entries(said).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
  } catch {
    return [['', detail]]
  }
}

/** Where the ledger of credit ended on a day. */
export interface DayHead { day: string, position: number, hash: string, at: string }
export type HeadStanding = 'held' | 'changed' | 'unknown'
export interface NotedHead { standing: HeadStanding, position: number | null }
export const headsFile = '/api/v1/ledger/heads/export'

/** The one hash in what somebody pasted: alone, in groups, or in a line of the table; null: none, or more than one. */
export function hashIn(pasted: string): string | null {
  const text = pasted.toLowerCase()
  const found = new Set([...text.split(/[^0-9a-z]+/), text.replace(/\s/g, '')].filter(one => /^[0-9a-f]{64}$/.test(one)))
  return found.size === 1 ? [...found][0] ?? null : null
}

export const auditCalls = (rest: Rest) => ({
  lines: (query: Record<string, string>, limit: number, cursor: string | null) =>
    rest.json<Page<AuditLine>>('GET', `/api/v1/audit?${new URLSearchParams({ ...query, limit: String(limit), ...(cursor ? { cursor } : {}) }).toString()}`),
  head: () => rest.json<AuditHead>('GET', '/api/v1/audit/head'),
  checks: async () => (await rest.json<{ items: AuditCheck[] }>('GET', '/api/v1/audit/checks')).items,
  check: (noted: string) => rest.command<AuditCheck>('/api/v1/audit/checks', noted ? { noted } : {}),
  heads: (limit: number, cursor: string | null) => rest.json<Page<DayHead>>('GET', `/api/v1/ledger/heads?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`),
  headCheck: (hash: string) => rest.json<NotedHead>('GET', `/api/v1/ledger/heads/check?hash=${hash}`),
  cancel: (id: string) => rest.json<AuditCheck>('POST', `/api/v1/audit/checks/${id}/cancel`),
})
