/** A lesson's clips, and the one in play. */

import type { ClipMaterial } from '../src/protocol/clips'
import type { Material } from '../src/protocol/materials'
import type { ClipOnAir } from '../src/protocol/model'
import { minutes } from './sample-data'

const clip = (id: string, name: string, over: Partial<ClipMaterial> = {}): ClipMaterial & Material => ({
  id, kind: 'clip', name, state: 'ready', release: 'staff', bytes: 48_000_000, created_at: minutes(-500), created_by: '会控甲', job_id: null, progress: 100, code: null, text: null, text_en: null,
  pages: 0, titles: [], sizes: [], duration_ms: 262_000, reached: 0, whole: false, base: null, ...over,
})
export const clipMaterials = [
  clip('k1', '灭火器的使用方法'),
  clip('k2', '华东区域动力设备检修与综合能源服务中心年度安全生产警示教育专题片（第三集）', { duration_ms: 1_975_000 }),
  clip('k3', '心肺复苏示范', { state: 'converting', progress: 45, duration_ms: 0 }),
  clip('k4', '会议录音', { state: 'failed', text: '文件里只有声音，没有画面', text_en: 'The file has sound and no picture', duration_ms: 0 }),
]

let playing: ClipOnAir | null = null
export const clipInPlay = () => playing

/** Whether it was a command about clips. */
export function playClip(act: string, body: Record<string, unknown>): boolean {
  const found = clipMaterials.find(one => one.id === body.material_id)
  if (act === 'clip' && found) playing = { material_id: found.id, name: found.name, duration_ms: found.duration_ms, position_ms: 0, paused: false, started_by: '会控甲' }
  if (act === 'clip/pause' && playing) playing = { ...playing, position_ms: 84_000, paused: body.paused === true }
  if (act === 'clip/stop') playing = null
  return act === 'clip' || act.startsWith('clip/')
}
