/** Inquiries, signals and chapters as the server would tell them. */

import type { Chapter, Inquiry, InquiryPage } from '../src/protocol/inquiries'
import { minutes } from './sample-data'

const TEXTS = [
  '灭火器每年检查几次，由谁来签字确认？', '车间照明改造后，节能数据怎么核对？', '一线班组的应急演练可以和安全生产月合并组织吗？',
  '老员工不会用手机报修，能不能在值班室设一个登记本，由值班员代为录入？录入后怎样让本人看到处理结果？', '心肺复苏培训什么时候轮到我们支部？', '配电间巡检记录保存多久？',
]
const NAMES = ['学员甲01', '学员乙07', '学员丙12', '学员丁03']
const UNITS = ['综合党支部', '设备维修车间第一党支部', '财务党支部']

function inquiry(index: number, more: Partial<Inquiry>): Inquiry {
  return {
    id: `q${index}`, text: TEXTS[index % TEXTS.length] ?? '', state: 'waiting', asked_at: minutes(-60 + index / 4), name: NAMES[index % NAMES.length] ?? null,
    unit: UNITS[index % UNITS.length] ?? null, mine: false, voted: false, votes: 0, position: null, assigned_to: '', staged_at: null, answered_at: null, answer: null, merged_into: null, listed: [], ...more,
  }
}

const shown = [
  inquiry(0, { state: 'on_stage', votes: 31, assigned_to: '讲师' }), inquiry(1, { state: 'approved', votes: 18, voted: true }), inquiry(2, { state: 'approved', votes: 7, assigned_to: '第一分会场' }),
  inquiry(3, { state: 'approved', votes: 2 }), inquiry(5, { state: 'answered', votes: 12, answer: '至少保存三年，电子台账同步归档。' }),
]
const own = [inquiry(6, { mine: true, state: 'waiting' }), inquiry(7, { mine: true, state: 'merged' })]

export function inquiries(role: string): InquiryPage {
  const waiting = Array.from({ length: 200 }, (_, index) => inquiry(index + 10, index === 2 ? { text: '车间里有人组织赌 博，应当向谁反映？', listed: ['赌 博'] } : {}))
  const items = process.env.SAMPLE_EMPTY ? [] : role === 'member' ? [...shown, ...own] : role === 'venue' ? shown : [...shown, ...waiting, inquiry(300, { state: 'declined' })]
  return { items, next_cursor: null, seq: 40, desk: { names: true, order: 'votes', band: true }, waiting: role === 'member' ? null : 200 }
}

export const signals = { clear: 214, unclear: 12, fast: 3, hint: true }

export const chapters: Chapter[] = [
  { id: 'c1', at: minutes(-88), title: '导入', inquiry_id: null, kind: 'mark', kept: true }, { id: 'c2', at: minutes(-60), title: '', inquiry_id: null, kind: 'mark', kept: true }, { id: 'c3', at: minutes(-20), title: '灭火器每年检查几次？', inquiry_id: 'q0', kind: 'inquiry', kept: true },
]
