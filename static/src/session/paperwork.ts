/** The calls of materials and slides: they come with the parts that make them. */

import { TAKEN, type Material, type MaterialKind, type Release, type Turn } from '@/protocol/materials'
import { Refusal, unreachable } from '@/protocol/problem'
import { randomId } from '@/protocol/rest'
import type { Slides } from '@/protocol/slides'
import { rest } from './api'

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
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    signal.addEventListener('abort', () => { request.abort() })
    request.upload.addEventListener('progress', (event) => { told(event.loaded / Math.max(1, event.total)) })
    request.addEventListener('load', () => {
      const body = parsed(request.responseText)
      if (request.status === 201) { resolve(body as unknown as Material); return }
      reject(new Refusal({ code: `http_${request.status}`, title: '', title_en: '', ...body, status: request.status }))
    })
    request.addEventListener('error', () => { reject(unreachable()) })
    request.addEventListener('abort', () => { reject(new DOMException('', 'AbortError')) })
    request.open('POST', `/api/v1/lessons/${lesson}/materials?${query.toString()}`)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.send(upload.file.size > TAKEN[upload.kind].mostBytes ? null : upload.file)
  })
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
