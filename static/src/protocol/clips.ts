/** Playing clips (播放短片, docs/protocol.md): for whoever runs the lesson. */

import type { ClipOnAir, Stage } from './model'
import type { Rest } from './rest'

export interface ClipMaterial {
  id: string
  name: string
  state: 'uploading' | 'queued' | 'converting' | 'ready' | 'failed'
  progress: number
  text: string | null
  text_en: string | null
  duration_ms: number
}

const path = (id: string, rest: string) => `/api/v1/lessons/${id}/${rest}`

export class Clips {
  constructor(private readonly rest: Rest) {}

  /** Those of the lesson, ready or not. */
  list = async (id: string): Promise<ClipMaterial[]> => {
    const { items } = await this.rest.json<{ items: (ClipMaterial & { kind: string })[] }>('GET', path(id, 'materials'))
    return items.filter(one => one.kind === 'clip')
  }

  play = (id: string, materialId: string) => this.rest.command<Stage>(path(id, 'clip'), { material_id: materialId })
  pause = (id: string, paused: boolean) => this.rest.command<Stage>(path(id, 'clip/pause'), { paused })
  stop = (id: string) => this.rest.command<Stage>(path(id, 'clip/stop'), {})
}

export const posterOf = (materialId: string) => `/api/v1/materials/${materialId}/poster`

/** Where it is now, told so `sinceMs` ago. Never beyond its end. */
export function placeOf(clip: ClipOnAir, sinceMs: number): number {
  const place = clip.paused ? clip.position_ms : clip.position_ms + Math.max(0, sinceMs)
  return Math.min(clip.duration_ms, place)
}

/** `4:05`, or `1:04:05`. What is left is rounded up: 0:00 is really over. */
export function minutes(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1000))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [h = 0, m = 0, s = 0] = parts
  const two = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
