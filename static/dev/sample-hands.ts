/** A queue of hands as staff and members see it. */

import type { Hand, Hands } from '../src/protocol/model'
import { minutes } from './sample-data'

const hand = (id: string, name: string, unit: string, topic: string, at: number, more: Partial<Hand> = {}): Hand => ({
  id, kind: 'member', speaker_id: `m-${id}`, name, unit, topic, through: null, source: `member-m-${id}`, state: 'waiting', raised_at: minutes(at), position: null, expires_at: null, on_air_at: null, ended_at: null, ...more,
})

export function handsOf(role: string): Hands {
  const seen: Hands = { seq: 40, server_time: minutes(0), waiting: 3, own: null, active: null, queue: [], ended: [] }
  if (role === 'member' || role === 'venue') return seen
  return {
    ...seen,
    active: hand('h0', '李明', '动力车间第二党支部', '班前会怎样查隐患', -6, { state: 'on_air', on_air_at: minutes(-1) }),
    queue: [
      hand('h1', '王芳', '华东区域动力设备检修与综合能源服务中心第三联合党支部', '应急演练怎样才不走过场，夜班人少的时候谁来指挥', -4, { position: 1 }),
      hand('h2', '研发楼二层', '研发中心党支部', '', -3, { kind: 'venue', through: 'lv5', position: 2 }),
      hand('h3', '赵强', '质量检验党支部', '劳动防护用品的更换周期', -1, { position: 3 }),
    ],
    ended: [hand('h9', '周敏', '后勤服务党支部', '', -20, { state: 'done', ended_at: minutes(-9) }), hand('h8', '吴杰', '物流基地党支部', '', -22, { state: 'missed', ended_at: minutes(-12) })],
  }
}
