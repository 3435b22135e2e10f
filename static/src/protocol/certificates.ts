/** 结业证书: shapes and calls of docs/protocol.md; outside of the first page. */

import type { Named } from './model'
import type { Rest } from './rest'

export type CertificateState = 'genuine' | 'withdrawn' | 'unknown'
export interface Certificate {
  id: string
  number: string
  state: Exclude<CertificateState, 'unknown'>
  course: Named
  member: Named
  unit: Named
  videos: number
  tests: number
  hundredths: number
  issued_at: string
  withdrawn_at: string | null
  reason: string
}
export interface CertificatePage { items: Certificate[], may_withdraw: boolean, next_cursor: string | null }
/** `name`: 张＊明. Of one that does not hold neither name nor course is told. */
export interface CertificateCheck {
  state: CertificateState
  number: string
  name: string | null
  course: string | null
  issuer: string | null
  issued_at: string | null
  withdrawn_at: string | null
}

export const certificateCalls = (rest: Rest) => ({
  mine: async () => (await rest.json<{ items: Certificate[] }>('GET', '/api/v1/certificates')).items,
  claim: (course: string) => rest.command<Certificate>(`/api/v1/courses/${course}/certificate`, {}),
  check: (number: string) => rest.json<CertificateCheck>('GET', `/api/v1/certificate-checks/${encodeURIComponent(number)}`),
  ofCourse: (course: string, words: string, limit: number, cursor: string | null) => rest.json<CertificatePage>('GET', `/api/v1/courses/${course}/certificates?limit=${limit}&q=${encodeURIComponent(words)}${cursor ? `&cursor=${cursor}` : ''}`),
  withdraw: (id: string, reason: string) => rest.command<Certificate>(`/api/v1/certificates/${id}/withdrawal`, { reason }),
  file: (id: string) => `/api/v1/certificates/${id}/file`,
})
