/** What is taken out of the archive: long work with progress, and its files for a week. */
import type { Rest } from './rest'

export type ExportKind = 'films' | 'package'

export interface ExportFile { name: string, bytes: number, duration_ms: number, key: string }

export interface Export {
  id: string
  kind: ExportKind
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number
  created_at: string
  created_by: string
  until: string | null
  files: ExportFile[]
  text: string | null
  text_en: string | null
}

export const KINDS: readonly ExportKind[] = ['films', 'package']

/** Of each kind the newest; one whose files are gone counts no more. */
export function newest(all: readonly Export[], kind: ExportKind): Export | null {
  const one = all.find(each => each.kind === kind && each.state !== 'cancelled') ?? null
  return one?.state === 'done' && !one.files.length ? null : one
}

export const going = (one: Export | null): boolean => one?.state === 'queued' || one?.state === 'running'

export const filePath = (one: Export, file: ExportFile): string => `/api/v1/exports/${one.id}/files/${file.name}`

export const exportCalls = (rest: Rest) => ({
  list: async (recording: string) => (await rest.json<{ items: Export[] }>('GET', `/api/v1/recordings/${recording}/exports`)).items,
  make: (recording: string, kind: ExportKind) => rest.command<Export>(`/api/v1/recordings/${recording}/exports`, { kind }),
  cancel: (id: string) => rest.command<Export>(`/api/v1/exports/${id}/cancel`, {}),
})
