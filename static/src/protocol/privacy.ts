/** What people agree to (docs/protocol.md, section 2). */

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
