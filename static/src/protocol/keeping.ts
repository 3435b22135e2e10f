/** How long recordings stay and where (docs/protocol.md, section 7). */

import type { LessonKind } from './model'
import type { Rest } from './rest'

export const KEEP_CLASSES = ['ordinary', 'important', 'permanent'] as const
export type KeepClass = typeof KEEP_CLASSES[number]
export type Place = 'local' | 'object'

export interface KeepRule { keep_class: KeepClass, days: number | null, place: Place, since: string | null, by: string, reason: string, kinds: LessonKind[], due: number }
export interface Keeping { items: KeepRule[], least_days: number, object_store: boolean }
export interface Kept {
  recording_id: string
  keep_class: KeepClass
  own: boolean
  reason: string
  by: string
  days: number | null
  goes_at: string | null
  held: boolean
  needed: boolean
  place: Place
  deleted_at: string | null
  deleted_by: string
  why: string
  may: boolean
  by_kind: KeepClass
  /** What would come of it in each class; for whoever may give it another. */
  classes: { keep_class: KeepClass, days: number | null, goes_at: string | null, at_once: boolean }[]
  /** To the object store. */
  move: { state: 'running' | 'done' | 'failed', progress: number, text: string | null, text_en: string | null } | null
}

export const keepingCalls = (rest: Rest) => ({
  rules: () => rest.json<Keeping>('GET', '/api/v1/keeping'),
  preview: async (keepClass: KeepClass, days: number | null, kind: LessonKind | null = null) => (await rest.json<{ due: number }>('GET', `/api/v1/keeping/preview?keep_class=${keepClass}${days === null ? '' : `&days=${days}`}${kind === null ? '' : `&kind=${kind}`}`)).due,
  setRule: (rule: { keep_class: KeepClass, days: number | null, place: Place, reason: string, seen: number }) => rest.command<Keeping>('/api/v1/keeping/rules', { ...rule }),
  setKind: (kind: LessonKind, keepClass: KeepClass, reason: string, seen: number) => rest.command<Keeping>('/api/v1/keeping/kinds', { kind, keep_class: keepClass, reason, seen }),
  of: (id: string) => rest.json<Kept>('GET', `/api/v1/recordings/${id}/keeping`),
  setClass: (id: string, keepClass: KeepClass | null, reason: string) => rest.command<Kept>(`/api/v1/recordings/${id}/keeping`, { keep_class: keepClass, reason }),
  remove: (id: string, reason: string) => rest.command<Kept>(`/api/v1/recordings/${id}/delete`, { reason }),
})
