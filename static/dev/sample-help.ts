/** Calls to the director and notices, as a lesson in full swing has them. */

import type { DirectorNotice, Help, Urgency } from '../src/protocol/model'
import { minutes } from './sample-data'

const call = (id: string, venue: string | null, name: string, urgency: Urgency, text: string, ago: number, over: Partial<Help> = {}): Help => ({
  id, lesson_venue_id: venue, name, urgency, text, state: 'waiting', asked_at: minutes(-ago), answer: '', answered_at: null, answered_by: null, closed_at: null, ...over,
})
let helps: Help[] = [
  call('h1', 'lv2', '华东区域动力设备检修与综合能源服务中心第三联合党支部活动室', 'urgent', '大屏突然没有声音了', 2),
  call('h2', 'lv4', '职工之家', 'normal', '画面有问题', 6),
  call('h3', null, '讲师甲', 'normal', '请与我联系', 9, { state: 'answered', answer: '会控已收到，马上处理', answered_at: minutes(-8), answered_by: '会控甲' }),
]
const notices: DirectorNotice[] = [
  { id: 'n2', text: '五分钟后进入讨论，请各会场检查话筒', sent_at: minutes(-4), sent_by: '会控甲', venues: 8, read: 5, unread: ['职工之家', '离退休干部活动室', '图书室'], mine: false },
  { id: 'n1', text: '本次课程开始前先点名', sent_at: minutes(-40), sent_by: '会控甲', venues: 8, read: 8, unread: [], mine: true },
]

export function helpAnswer(method: string, act: string, body: Record<string, unknown>, role: string): unknown {
  const [, noun, id, step] = /^(helps|notices)\/?([\w-]*)\/?(\w*)$/.exec(act) ?? []
  if (noun === 'notices') {
    if (step === 'read') { const one = notices.find(each => each.id === id); if (one) one.mine = true }
    if (method === 'POST' && !id) notices.unshift({ id: `n${notices.length + 1}`, text: String(body.text), sent_at: minutes(0), sent_by: '会控甲', venues: 8, read: 0, unread: [], mine: false })
    return { ...notices[0], items: notices }
  }
  if (noun !== 'helps') return null
  if (method === 'POST' && !id) helps = [call('h9', role === 'venue' ? 'lv1' : null, role === 'venue' ? '第一党总支会议室' : '讲师甲', body.urgency as Urgency, String(body.text), 0), ...helps.filter(one => one.id !== 'h9')]
  helps = helps.map(one => one.id !== id ? one : step === 'answer'
    ? { ...one, state: 'answered', answer: String(body.text), answered_at: minutes(0), answered_by: '会控甲' }
    : { ...one, state: 'closed', closed_at: minutes(0) })
  const own = role === 'venue' ? helps.filter(one => one.lesson_venue_id === 'lv1') : helps
  return { ...own[0], items: own }
}
