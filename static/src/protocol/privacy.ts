/** What people agree to (docs/protocol.md, section 2). */

import type { LessonState, Named } from './model'
import type { Rest } from './rest'

export interface ConsentText { version: number, text: string, text_en: string, since: string }
export interface OwnConsent { current: ConsentText | null, accepted_at: string | null }
export interface ConsentCount extends ConsentText { by: string, accepted: number }
export interface Consents { items: ConsentCount[], people: number, edits: boolean }

export const privacyCalls = (rest: Rest) => ({
  own: () => rest.json<OwnConsent>('GET', '/api/v1/session/consent'),
  accept: (version: number) => rest.command<undefined>('/api/v1/session/consent', { version }),
  consents: () => rest.json<Consents>('GET', '/api/v1/consents'),
  publish: (text: string, textEn: string, after: number) => rest.command<ConsentText>('/api/v1/consents', { text, text_en: textEn, after }),
})

export interface DataExport {
  id: string
  number: string
  name: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number
  reason: string
  created_at: string
  created_by: string
  expires_at: string | null
  bytes: number
  text: string | null
  text_en: string | null
}
export interface Erasure {
  id: string
  account_id: string
  number: string
  name: string
  state: 'asked' | 'withdrawn' | 'refused' | 'done'
  asked_at: string
  own: boolean
  note: string
  decided_at: string | null
  decided_by: string
  reason: string
}
export interface MyData { exports: DataExport[], erasure: Erasure | null }
export interface Subject { account_id: string, number: string, name: string, code: string | null, text: string | null, text_en: string | null }
export interface Hold { id: string, kind: 'person' | 'lesson', what: string, number: string, reason: string, set_at: string, set_by: string, lifted_at: string | null, lifted_by: string }
export interface FoundLesson { id: string, title: string, unit: Named, starts_at: string, state: LessonState, held: boolean }

const items = <T>(listed: { items: T[] }): T[] => listed.items

/** A person's data: given out, held, erased. */
export const dataCalls = (rest: Rest) => ({
  mine: () => rest.json<MyData>('GET', '/api/v1/my-data'),
  exportMine: () => rest.command<DataExport>('/api/v1/my-data/exports', {}),
  askErasure: (note: string) => rest.command<Erasure>('/api/v1/my-data/erasure', { note }),
  withdraw: () => rest.command<Erasure>('/api/v1/my-data/erasure/withdraw', {}),
  cancel: (id: string) => rest.command<DataExport>(`/api/v1/data-exports/${id}/cancel`, {}),
  file: (id: string) => `/api/v1/data-exports/${id}/file`,
  exports: async () => items(await rest.json<{ items: DataExport[] }>('GET', '/api/v1/data-exports')),
  exportOf: (number: string, reason: string) => rest.command<DataExport>('/api/v1/data-exports', { number, reason }),
  erasures: async () => items(await rest.json<{ items: Erasure[] }>('GET', '/api/v1/erasures')),
  subject: (number: string) => rest.json<Subject>('GET', `/api/v1/erasures/subject?number=${encodeURIComponent(number)}`),
  erase: (accountId: string, reason: string, confirm: string) => rest.command<Erasure>('/api/v1/erasures', { account_id: accountId, reason, confirm }),
  refuse: (id: string, reason: string) => rest.command<Erasure>(`/api/v1/erasures/${id}/refuse`, { reason }),
  holds: async () => items(await rest.json<{ items: Hold[] }>('GET', '/api/v1/legal-holds')),
  hold: (number: string, reason: string) => rest.command<Hold>('/api/v1/legal-holds', { number, lesson_id: null, reason }),
  lessons: async (words: string) => items(await rest.json<{ items: FoundLesson[] }>('GET', `/api/v1/legal-holds/lessons?q=${encodeURIComponent(words)}`)),
  holdLesson: (id: string, reason: string) => rest.command<Hold>('/api/v1/legal-holds', { lesson_id: id, reason }),
  ofLesson: (id: string) => rest.json<{ since: string | null, by: string }>('GET', `/api/v1/lessons/${id}/legal-hold`),
  lift: (id: string) => rest.command<Hold>(`/api/v1/legal-holds/${id}/lift`, {}),
})
