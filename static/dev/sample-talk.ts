/** What people say in the sample lesson. */

import { minutes } from './sample-data'

const SAID = [
  ['张学员', '第二车间党支部', '配电箱前要留出一米通道，我们车间已经画线。', 'shown'],
  ['第一党总支会议室', '第一党总支', '会场声音清楚，画面正常。', 'shown'],
  ['欧阳学员', '综合管理部第三党支部暨离退休人员联合党支部', '请问灭火器压力表指针在黄区还能用吗？<b>急</b>', 'waiting'],
  ['李学员', '财务党支部', '加一下这个群，天天有红包 www.example.com', 'held'],
  ['讲师', '', '大家先看屏幕上的第三页，十分钟后统一答疑。', 'lecturer'],
  ['会控', '', '第三分会场请检查话筒。', 'director'],
  ['王学员', '第二车间党支部', '赞同，下班前关灯断电要形成习惯。', 'waiting'],
] as const

const lines = (role: string) => SAID.map(([name, unit, text, state], index) => ({
  id: `line-${index}`, lesson_id: 'live', seq: 20 + index, kind: state === 'lecturer' || state === 'director' ? state : name.includes('会议室') ? 'venue' : 'member', name, unit, text, state: state === 'held' ? 'waiting' : state === 'waiting' ? state : 'shown',
  at: minutes(index - 9), mine: role === 'member' && index === SAID.length - 1, held: state === 'held' && role !== 'member', speaker_id: role === 'member' ? null : `s${index}`,
}))

export function chatFor(role: string, state: string | null): object {
  const seen = lines(role).filter(line => role === 'member' ? line.state === 'shown' || line.mine : state === null || line.state === state)
  return {
    mode: 'approved', slow_seconds: 30, seq: 40, items: seen, next_cursor: null, may_write: true,
    muted_until: null, muted_reason: '', next_at: role === 'member' ? minutes(0.3) : null, waiting: role === 'member' ? null : 3,
  }
}

export const words = { unit_id: 'u0', words: ['刷单返利', '代办证件', '博彩', 'casino'], version: 4, changed_at: minutes(-500) }
