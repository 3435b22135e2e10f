/** How long what is kept (docs/protocol.md, section 4). */

import type { Rest } from './rest'

export interface Period {
  data_class: string
  title: string
  title_en: string
  about: string
  about_en: string
  days: number | null
  since: string | null
  by: string
  default_days: number | null
  floor_days: number | null
  next_days: number | null
  next_since: string | null
  due: number
  why: string
  why_en: string
}
export interface Sweep { day: string, begun_at: string, ended_at: string | null, counts: Record<string, number> }
export interface Retention { items: Period[], sweeps: Sweep[], held: boolean }

export const retentionCalls = (rest: Rest) => ({
  all: () => rest.json<Retention>('GET', '/api/v1/retention'),
  preview: (kind: string, days: number) => rest.json<{ due: number }>('GET', `/api/v1/retention/preview?data_class=${encodeURIComponent(kind)}&days=${days}`),
  set: (kind: string, days: number, since: string, seen: number) => rest.command<Period>('/api/v1/retention', { data_class: kind, days, since, seen }),
})
