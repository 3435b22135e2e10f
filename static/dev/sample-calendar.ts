/** Courses, what is due, and how often: as the server tells them. */

import type { Due, KindRule } from '../src/protocol/calendar'

const REGULAR = ['members_meeting', 'committee_meeting', 'group_meeting', 'party_class', 'theme_day'] as const

const UNIT = { id: 'u1', name: '示例集团党委' }
const courses = [
  { id: 'c1', title: '安全生产系列', unit: UNIT, note: '一季度起，每月一讲。', closed: false, lessons: 6, may_edit: true, version: 1 },
  { id: 'c2', title: '急救知识普及', unit: UNIT, note: '', closed: true, lessons: 3, may_edit: true, version: 2 },
]
const BRANCHES = ['综合党支部', '第一车间党支部', '第二车间党支部', '运输与后勤保障中心联合党支部']
const month = { since: '2026-11-01', until: '2026-11-30', due: '2026-11-30' }
const dues: Due[] = BRANCHES.flatMap((name, index): Due[] => {
  const unit = { id: `b${index}`, name }
  return [
    ...(index % 2 ? [{ unit, kind: 'members_meeting' as const, since: '2026-07-01', until: '2026-09-30', due: '2026-09-30', wanted: 1, held: 0, planned: 0, state: 'overdue' as const, owing: [] }] : []),
    { unit, kind: 'members_meeting', since: '2026-10-01', until: '2026-12-31', due: '2026-12-31', wanted: 1, held: 0, planned: index === 0 ? 1 : 0, state: index === 0 ? 'planned' : 'open', owing: [] },
    { unit, kind: 'committee_meeting', ...month, wanted: 1, held: 1, planned: 0, state: 'held', owing: [] },
    { unit, kind: 'group_meeting', ...month, wanted: 3, held: 1, planned: index === 1 ? 0 : 2, state: index === 1 ? 'open' : 'planned', owing: index === 1 ? [{ id: 'g2', name: '第二党小组' }, { id: 'g3', name: '第三党小组' }] : [] },
    { unit, kind: 'theme_day', ...month, due: '2026-11-15', wanted: 1, held: index === 2 ? 0 : 1, planned: 0, state: index === 2 ? 'overdue' : 'held', owing: [] },
  ]
})
const usual = REGULAR.map((kind): KindRule => ({
  id: '', unit: null, kind, since: null, every: kind === 'members_meeting' ? 'quarter' : kind === 'party_class' ? 'planned' : 'month', times: 1, day: null, above: kind === 'theme_day' || kind === 'party_class', holds: true,
}))
const rules: KindRule[] = [{ id: 'k1', unit: UNIT, kind: 'theme_day', since: '2026-01-01', every: 'month', times: 1, day: 15, above: true, holds: true }]

export function calendarAnswer(method: string, path: string): [number, unknown] | null {
  if (path === '/api/v1/courses' && method === 'GET') return [200, { items: courses }]
  if (path === '/api/v1/dues') return [200, { on: '2026-11-26', items: dues }]
  if (path === '/api/v1/kind-rules' && method === 'GET') return [200, { rules, usual }]
  if (path === '/api/v1/calendar-feed' && method === 'GET') return [200, { feed: null }]
  if (path === '/api/v1/calendar-feed' && method === 'POST') return [201, { created_at: new Date().toISOString(), used_at: null, path: '/calendar/Zm9yLWV4YW1wbGUtb25seS1ub3QtYS1zZWNyZXQtMDAwMDA.ics' }]
  if (path.endsWith('/undo') && method === 'POST') return [200, { cancelled: 11, kept: [] }]
  return null
}
