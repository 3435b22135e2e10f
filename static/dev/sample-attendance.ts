/** Attendance, questions and credit to look at the staff's faces with. No real persons or organisations. */

import { renderSVG } from 'uqr'
import type { CreditRule, Review, Verdict } from '../src/protocol/credit'
import type {
  Assignments, Board, LessonLogEvent, MemberKind, Question, Quiz, QuizResult, RosterItem, Unit, VenueCodes,
} from '../src/protocol/model'
import type { Correction, Doubtful, Leave } from '../src/protocol/vouching'

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const LONG = '华东区域动力设备检修与综合能源服务中心第三联合党支部'

export const manyUnits: Unit[] = [
  { id: 'u1', parent_id: null, name: '示例集团党委', kind: 'committee', members: 2010 },
  ...['一', '二', '三'].flatMap((zong, group): Unit[] => [
    { id: `g${group}`, parent_id: 'u1', name: `第${zong}党总支`, kind: 'general_branch', members: 4 },
    ...Array.from({ length: 6 }, (_, index): Unit => ({ id: `b${group}-${index}`, parent_id: `g${group}`, name: group === 1 && index === 2 ? LONG : `第${zong}总支第${index + 1}党支部`, kind: 'branch', members: 24 + index * 3 })),
  ]),
]

const venueNames = ['集团总部报告厅', '第一党总支会议室', `${LONG}活动室`, '质量检验中心', '物流基地三号楼', '信息中心', '离退休干部活动室', '研发楼二层', '后勤服务中心']
const kinds: MemberKind[] = ['full', 'full', 'full', 'probationary', 'candidate', 'activist', 'guest']
const surnames = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨'
const given = ['学明', '学勤', '学思', '学行', '学问', '学知', '学恒', '学远']

function counted(expected: number, missing: number, late: number) {
  const onLeave = missing % 4
  const present = expected - missing
  return { expected, present, late, missing: missing - onLeave, on_leave: onLeave, rates: { of_expected: Math.floor(present * 1000 / expected), of_due: Math.floor(present * 1000 / (expected - onLeave)) } }
}

export function board(): Board {
  const venues = venueNames.map((name, index) => {
    const expected = [320, 64, 48, 36, 82, 27, 18, 54, 40][index] ?? 30
    const missing = [21, 6, 9, 0, 4, 1, 8, 3, 0][index] ?? 0
    return { lesson_venue_id: `lv${index}` as string | null, name, ...counted(expected, missing, index % 3) }
  })
  venues.push({ lesson_venue_id: null, name: '', ...counted(1321, 84, 14) })
  const units = manyUnits.slice(1).map((unit, index) => {
    const expected = Math.round(unit.members * 3.6)
    const missing = (index * 7) % 11
    return { unit_id: unit.id, name: unit.name, ...counted(expected, missing, index % 4), on_loan: index % 3 }
  })
  return {
    lesson_id: 'live', at: new Date().toISOString(), expected: 2010, added: 3, present: 1874, late: 25, left: 2, missing: 118, on_phone: 1237, on_leave: 18, on_loan: 12, rates: { of_expected: 930, of_due: 939 }, venues, units,
    kinds: [{ kind: 'full', expected: 1712, present: 1601 }, { kind: 'probationary', expected: 148, present: 140 }, { kind: 'candidate', expected: 96, present: 86 }, { kind: 'activist', expected: 54, present: 47 }],
  }
}

/** Narrowed as the server narrows it: a venue hears of itself. */
export function boardFor(role: string, lessonId: string): Board {
  const all = { ...board(), lesson_id: lessonId }
  if (role !== 'venue') return all
  const own = all.venues.filter(one => one.lesson_venue_id === 'lv1')
  return { ...all, expected: 64, present: 58, missing: 6, late: 1, on_phone: 0, added: 0, left: 0, venues: own, units: all.units.slice(0, 3), kinds: [] }
}

const LAST = manyUnits[manyUnits.length - 1] as Unit
const people: RosterItem[] = Array.from({ length: 260 }, (_, index): RosterItem => {
  const unit = manyUnits[1 + (index % 21)] ?? LAST
  const venue = index % 3 === 0 ? null : `lv${index % 9}`
  const gone = index % 7 === 3
  const added = index % 53 === 11
  return {
    member_id: `m${index}`, name: `${surnames[index % 16]}${given[(index * 5) % 8]}`, number: String(10_001 + index), kind: kinds[index % 7] ?? 'full', unit: { id: unit.id, name: unit.name },
    lesson_venue_id: venue, added_at: added ? ago(20) : null, reason: added ? '借调人员，临时参加' : '',
    standing: gone ? 'absent' : 'present', leave: null, corrected: false,
    sign_in: gone ? null : { at: ago(50 - (index % 40)), way: venue === null ? 'phone' : index % 11 === 0 ? 'assisted' : index % 5 === 0 ? 'code' : 'qr', lesson_venue_id: index % 17 === 4 ? 'lv3' : venue, late: index % 13 === 5, left_at: index % 61 === 7 && venue ? ago(5) : null },
  }
})
for (const [index, one] of people.entries()) if (index % 9 === 1 && index < 180) { one.lesson_venue_id = 'lv1'; if (index % 27 === 1) one.sign_in = null }

export function rosterOf(query: URLSearchParams): { items: RosterItem[], next_cursor: string | null } {
  const [state, venue, unit] = ['state', 'venue', 'unit'].map(name => query.get(name) ?? '')
  const found = people.filter(one => (!state || { missing: !one.sign_in, present: Boolean(one.sign_in), late: one.sign_in?.late, left: one.sign_in?.left_at, added: one.added_at }[state])
    && (!venue || (venue === 'phone' ? one.lesson_venue_id === null : one.lesson_venue_id === venue)) && (!unit || one.unit.id === unit))
  const from = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit') ?? 200)
  return { items: found.slice(from, from + limit), next_cursor: from + limit < found.length ? String(from + limit) : null }
}

export function signInCode(venue: string, origin: string): VenueCodes {
  const slot = Math.floor(Date.now() / 5000)
  return {
    lesson_venue_id: venue, server_time: new Date().toISOString(),
    codes: [0, 1, 2].map((ahead) => {
      const url = `${origin}/s/${Buffer.from(`sample-${slot + ahead}-0123456789abcdef`).toString('base64url').slice(0, 43)}`
      return { url, qr: `data:image/svg+xml,${encodeURIComponent(renderSVG(url, { border: 3 }))}`, code: String((Math.floor((slot + ahead) / 6) * 7919) % 1_000_000).padStart(6, '0'), shows_at: new Date((slot + ahead) * 5000).toISOString(), until: new Date((slot + ahead + 1) * 5000).toISOString() }
    }),
  }
}

export const assignments: Assignments = {
  units: manyUnits.map((unit, index) => ({ unit: { id: unit.id, name: unit.name }, parent_id: unit.parent_id, members: index === 0 ? 601 : unit.parent_id === 'u1' ? 193 + 6 : unit.members, venue_id: unit.id === 'g0' || unit.parent_id === 'g0' ? 'v1' : unit.id === 'b1-2' ? 'v2' : unit.id === 'u1' ? 'v0' : unit.id === 'g2' || unit.parent_id === 'g2' ? null : 'v0', inherited: !['u1', 'g0', 'b1-2', 'g2'].includes(unit.id) })),
  members: people.slice(0, 3).map((one, index) => ({ member_id: one.member_id, number: one.number, name: one.name, kind: one.kind, unit: one.unit, venue_id: index === 0 ? 'v3' : null, expected: index !== 2 })),
  expected: 620,
}

const options = ['立即报告，等待领导到场', '先停机断电，再报告并设置警示', '边运行边观察', '请同事一起查看'].map((text, index) => ({ id: `o${index}`, text }))
const FIRST: Question = { id: 'k1', position: 1, kind: 'single', text: '发现设备异响时，第一步应当做什么？', options, correct: ['o1'], explanation: '先消除危险源，再报告。断电并设置警示牌，防止他人误合闸。', seconds: 60, version: 1 }
export const questions: Question[] = [
  FIRST,
  { id: 'k2', position: 2, kind: 'multiple', text: '下列哪些属于班前检查的内容？（可多选）', options: ['劳动防护用品', '设备接地', '昨日产量', '作业票证'].map((text, index) => ({ id: `p${index}`, text })), correct: ['p0', 'p1', 'p3'], explanation: '班前会查人、查物、查票证。', seconds: 90, version: 2 },
  { id: 'k3', position: 3, kind: 'true_false', text: '临时用电可以由班组长口头批准。', options: [{ id: 't', text: '正确' }, { id: 'f', text: '错误' }], correct: ['f'], explanation: '临时用电须办理作业票，由电气专业人员审批。', seconds: 30, version: 1 },
]

const leave = (index: number, over: Partial<Leave>): Leave => ({
  id: `l${index}`, lesson_id: 'live', member: { id: `m${index}`, name: people[index]?.name ?? '' }, unit: people[index]?.unit ?? { id: 'u', name: '' }, reason: '', state: 'asked', asked_at: ago(index * 17), by_other: false, decided_at: null, decided_by: null, answer: '', ...over,
})
export const leaves: Leave[] = [
  leave(3, { reason: '出差，27 日返回，回来后补学。' }), leave(10, { reason: '当天值班，无法离岗；已与班长说明，如能安排替班将用手机听课，并在下课前签到。' }),
  leave(17, { reason: '就医', state: 'approved', decided_at: ago(60), decided_by: { account_id: 'a', name: '综合支部书记' }, answer: '同意，注意休息。' }), leave(24, { reason: '家中有事', state: 'approved', by_other: true, decided_at: ago(90), decided_by: { account_id: 'a', name: '综合支部书记' } }),
  leave(31, { reason: '有其他安排', state: 'refused', decided_at: ago(200), decided_by: { account_id: 'a', name: '综合支部书记' }, answer: '请调整安排，按时参加。' }),
]
for (const one of leaves) { const person = people.find(each => each.member_id === one.member.id); if (person) { person.leave = one.state; person.sign_in = null; person.standing = one.state === 'approved' ? 'on_leave' : 'absent' } }

export const doubts: Doubtful[] = [
  { member: { id: 'm8', name: '赵学知' }, unit: people[8]?.unit ?? { id: 'u', name: '' }, signed_in_at: ago(40), way: 'qr', level: 'weak', doubts: [{ code: 'sent_on', text: '不在会场网络，且签到码快失效时才使用', text_en: 'From outside the venue\'s network, by a code that was about to end' }], at_network: false, latency_ms: 8900, present_percent: null, checks: 2, confirmed: 0, finding: null, open: true },
  { member: { id: 'm12', name: '钱学思' }, unit: people[12]?.unit ?? { id: 'u', name: '' }, signed_in_at: null, way: null, level: null, doubts: [{ code: 'device_taken', text: '手机已为他人签到', text_en: 'The phone had signed in somebody else' }], at_network: null, latency_ms: null, present_percent: null, checks: 0, confirmed: 0, finding: null, open: true },
  { member: { id: 'm15', name: '孙学行' }, unit: people[15]?.unit ?? { id: 'u', name: '' }, signed_in_at: ago(48), way: 'code', level: 'weak', doubts: [{ code: 'shared_device', text: '同一浏览器先后为多人签到', text_en: 'One browser signed in several people' }], at_network: true, latency_ms: 12000, present_percent: null, checks: 0, confirmed: 0, finding: { outcome: 'dismissed', reason: '两人同用一部平板，现场核对过', by: '综合支部书记', at: ago(20) }, open: false },
]

const CLERK = { account_id: 'a', name: '综合支部书记' }
export const corrections: Correction[] = [
  { id: 'k2', number: 2, member: { id: 'm31', name: '杨学行' }, unit: people[31]?.unit ?? { id: 'u', name: '' }, before: 'absent', after: 'present', reason: '本人在场，手机没电，同桌可以证明。', state: 'waiting', asked_by: CLERK, asked_at: ago(9), decided_by: null, decided_at: null, answer: '' },
  { id: 'k1', number: 1, member: { id: 'm8', name: '赵学知' }, unit: people[8]?.unit ?? { id: 'u', name: '' }, before: 'present', after: 'absent', reason: '经核实不在会场', state: 'holds', asked_by: CLERK, asked_at: ago(30), decided_by: { account_id: 'b', name: '管理员' }, decided_at: ago(25), answer: '情况属实' },
]

/** `mode`: none, running, closed — set by POST /sample/quiz. */
export const quizState = { mode: process.env.SAMPLE_QUIZ ?? 'none', launchedAt: Date.now() }
const distribution = { o0: 214, o1: 1306, o2: 41, o3: 127 }
const result: QuizResult = { answered: 1688, right: 1306, distribution, correct: ['o1'], explanation: FIRST.explanation, units: manyUnits.slice(1, 8).map((unit, index) => ({ unit_id: unit.id, name: unit.name, expected: unit.members, answered: unit.members - (index % 3), right: unit.members - 3 - index % 4 })) }

export function quizzes(role: string): Quiz[] {
  if (quizState.mode === 'none') return []
  const closed = quizState.mode === 'closed'
  const staff = role === 'lecturer' || role === 'director'
  const counted = staff || role === 'venue'
  return [{
    id: 'z1', lesson_id: 'live', question_id: FIRST.id, number: 1, kind: 'single', text: FIRST.text, options, seconds: 60, launched_at: new Date(quizState.launchedAt).toISOString(), deadline_at: new Date(quizState.launchedAt + 60_000).toISOString(),
    closed_at: closed ? new Date(quizState.launchedAt + 30_000).toISOString() : null, server_time: new Date().toISOString(), my_choice: null, answered: counted ? 1204 : null, expected: counted ? 2010 : null,
    result: closed || staff ? closed ? result : { ...result, answered: 1204, distribution: { o0: 160, o1: 921, o2: 30, o3: 93 } } : null,
  }]
}

export const flags: LessonLogEvent[] = [
  { seq: 33, at: ago(41), kind: 'sign_in.flagged', data: { reason: 'device_taken', member_name: '钱学思', venue: '第一党总支会议室' } },
]

export const rules: CreditRule[] = [
  { id: 'rule2', unit: { id: 'u1', name: '示例集团党委' }, name: '集中学习', version: 2, since: '2026-03-01', until: null, late_after_minutes: 10, least_present_percent: 80, least_answered_percent: 60, least_right_percent: null, left_early_minutes: 10, checks: 2, checks_in_rooms: false, least_checks_percent: 50, make_up: { days: 14, watched_percent: 90, right_percent: 60, attempts: 3, pause_minutes: 10, credit_percent: 100, late: true, left_early: true, on_leave: true, most_rate_percent: 200, marked_percent: null }, micro: null },
  { id: 'rule1', unit: { id: 'u1', name: '示例集团党委' }, name: '集中学习', version: 1, since: '2025-01-01', until: '2026-03-01', late_after_minutes: 15, least_present_percent: 70, least_answered_percent: null, least_right_percent: null, left_early_minutes: null, checks: 0, checks_in_rooms: false, least_checks_percent: null, make_up: null, micro: null },
]

export function verdictsOf(query: URLSearchParams): { items: Verdict[], next_cursor: null } {
  const items = people.slice(0, 120).map((one, index): Verdict => {
    const passed = Boolean(one.sign_in) && index % 19 !== 6
    return {
      member_id: one.member_id, name: one.name, unit: one.unit, passed, hundredths: passed ? 150 : 0, at: ago(60),
      failings: passed ? [] : one.sign_in ? [{ code: 'not_present_enough', text: '在场时间不足，规则要求 80 %。', text_en: 'Present for less than the 80 % asked.' }] : [{ code: 'not_signed_in', text: '没有签到。', text_en: 'Did not sign in.' }],
      evidence: { signed_in_at: one.sign_in?.at ?? null, way: one.sign_in?.way ?? null, late: one.sign_in?.late ?? false, present_percent: one.sign_in ? passed ? 97 : 61 : 0, asked: 3, answered: one.sign_in ? 3 : 0, right: one.sign_in ? 2 : 0 },
      entry: null, review: index === 6 ? reviews[0] ?? null : null,
    }
  })
  const passed = query.get('passed')
  return { items: items.filter(one => (passed === null || String(one.passed) === passed) && (!query.get('unit') || one.unit.id === query.get('unit'))), next_cursor: null }
}

export const reviews: Review[] = [
  { id: 'w1', lesson: { id: 'settled', title: '用电安全与设备巡检' }, member: { id: 'm6', name: '郑学问' }, text: '当天下午会场网络断了两次，我一直在场，同桌可以证明。', state: 'open', asked_at: ago(300), decided_at: null, decided_by: null, answer: '', entry: null },
  { id: 'w2', lesson: { id: 'settled', title: '用电安全与设备巡检' }, member: { id: 'm9', name: '冯学勤' }, text: '手机没电，没有签上。', state: 'open', asked_at: ago(900), decided_at: null, decided_by: null, answer: '', entry: null },
  { id: 'w3', lesson: { id: 'settled', title: '用电安全与设备巡检' }, member: { id: 'm12', name: '陈学远' }, text: '我是请假后补学的，请核对。', state: 'declined', asked_at: ago(2000), decided_at: ago(1500), decided_by: { account_id: 'a-director', name: '会控甲' }, answer: '补学另有学时类型，完成后会单独记入。', entry: null },
]
