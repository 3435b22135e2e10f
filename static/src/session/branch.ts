/** The calls of 未到名单 and 签到表: they come with the page that makes them. */

import type { Missing, Sheet, SheetBundle, SheetDraft, SheetUnit } from '@/protocol/branch'
import type { Page } from '@/protocol/model'
import { rest } from './api'

export type SheetFormat = 'xlsx' | 'pdf'
const of = (lesson: string) => `/api/v1/lessons/${lesson}`

export const branch = {
  /** `unit`: its own people alone; empty: everybody of whom one is told. */
  missing: (lesson: string, cursor: string | null, unit = '') => rest.json<Page<Missing>>('GET', `${of(lesson)}/missing?limit=200${unit ? `&below=false&unit=${encodeURIComponent(unit)}` : ''}${cursor ? `&cursor=${cursor}` : ''}`),
  phone: async (lesson: string, member: string) => (await rest.json<{ phone: string }>('GET', `${of(lesson)}/missing/${member}/phone`)).phone,
  units: async (lesson: string) => (await rest.json<{ items: SheetUnit[] }>('GET', `${of(lesson)}/sheets`)).items,
  draft: (lesson: string, unit: string) => rest.json<SheetDraft>('GET', `${of(lesson)}/sheets/${unit}`),
  confirm: (lesson: string, unit: string, digest: string, reasons: { member_id: string, reason: string }[], why: string) => rest.command<Sheet>(`${of(lesson)}/sheets/${unit}`, { digest, reasons, why }),
  verify: (sheet: string) => rest.json<{ intact: boolean }>('GET', `/api/v1/sheets/${sheet}/verification`),
  draftFile: (lesson: string, unit: string, format: SheetFormat) => `${of(lesson)}/sheets/${unit}/file?format=${format}`,
  bundles: async (lesson: string, unit: string) => (await rest.json<{ items: SheetBundle[] }>('GET', `${of(lesson)}/sheets/${unit}/bundles`)).items,
  bundle: (lesson: string, unit: string, format: SheetFormat) => rest.command<SheetBundle>(`${of(lesson)}/sheets/${unit}/bundles`, { format }),
  cancelBundle: (id: string) => rest.command<SheetBundle>(`/api/v1/sheet-bundles/${id}/cancel`, {}),
  bundleFile: (id: string) => `/api/v1/sheet-bundles/${id}/file`,
  file: (sheet: string, format: SheetFormat) => `/api/v1/sheets/${sheet}/file?format=${format}`,
}
