/** The calls of materials and slides: they come with the parts that make them. */

import { TAKEN, type Material, type MaterialKind, type Release, type Turn } from '@/protocol/materials'
import { randomId } from '@/protocol/rest'
import type { Slides } from '@/protocol/slides'
import { rest } from './api'
import { sendFile } from './sending'

interface Now { slides: Slides | null }

export const paperwork = {
  list: async (lesson: string) => (await rest.json<{ items: Material[] }>('GET', `/api/v1/lessons/${lesson}/materials`)).items,
  turns: async (lesson: string) => (await rest.json<{ items: Turn[] }>('GET', `/api/v1/lessons/${lesson}/slides`)).items,
  change: (id: string, change: { name?: string, release?: Release }) =>
    rest.json<Material>('PATCH', `/api/v1/materials/${id}`, { body: { command_id: randomId(), ...change } }),
  remove: (id: string) => rest.json<undefined>('DELETE', `/api/v1/materials/${id}`),
  cancel: (job: string) => rest.json<unknown>('POST', `/api/v1/jobs/${job}/cancel`, { body: {} }),
  /** Where it was last. */
  show: (lesson: string, material: string) => rest.command<Now>(`/api/v1/lessons/${lesson}/slides/open`, { material_id: material }),
  turn: (lesson: string, material: string, page: number) => rest.command<Now>(`/api/v1/lessons/${lesson}/slides/turn`, { material_id: material, page }),
  putAway: (lesson: string) => rest.command<Now>(`/api/v1/lessons/${lesson}/slides/close`, {}),
  fileOf: (id: string) => `/api/v1/materials/${id}/file`,
}

export interface Upload { command: string, kind: MaterialKind, name: string, release: Release, file: File }

/** `told` hears a fraction. Rejects with a refusal; the same `command` may be tried again. Abort ends it. */
export function send(lesson: string, upload: Upload, told: (done: number) => void, signal: AbortSignal): Promise<Material> {
  const query = new URLSearchParams({ command_id: upload.command, kind: upload.kind, name: upload.name, release: upload.release })
  const content = upload.file.size > TAKEN[upload.kind].mostBytes ? null : upload.file
  return sendFile<Material>(`/api/v1/lessons/${lesson}/materials?${query.toString()}`, content, told, signal)
}
