/** What the sample server tells a member, by scene (a cookie): `venue`, `phone`, `guest`, `signed-venue`, `quiz-single`, `quiz-closed` … Parts may be joined. */

import type { Credit, CreditEntry, Review, Verdict } from '../src/protocol/credit'
import type { Attendance, Quiz, QuizResult, SignIn } from '../src/protocol/model'
import { minutes } from './sample-data'

type Reply = [number, unknown, Record<string, string>?]
const problem = (status: number, code: string, title: string, detail: string): Reply =>
  [status, { status, code, title, title_en: code, detail, detail_en: '' }]

const unit = { id: 'u3', name: '华东区域动力设备检修与综合能源服务中心第三联合党支部' }
const HALL = { id: 'lv1', name: '第一党总支会议室' }
const signedAt = (over: Partial<SignIn> = {}): SignIn => ({ lesson_id: 'live', member_id: 'm-1', at: minutes(-44), way: 'qr', lesson_venue_id: HALL.id, venue_name: HALL.name, late: false, ...over })

function attendance(id: string, scene: string): Attendance {
  const has = (part: string) => scene.includes(part)
  const inHall = has('venue') || has('signed-venue')
  const closed = id === 'scheduled' || id === 'ended' || id === 'settled' || id === 'draft'
  const own: Attendance = { expected: !has('guest'), lesson_venue: inHall ? { id: HALL.id, name: HALL.name } : null, added: false, sign_in: null, sign_in_open: !closed }
  const state = (['asked', 'approved', 'refused'] as const).find(each => has(`leave-${each}`))
  if (state) own.leave = { id: 'lv', reason: '出差', state, asked_at: minutes(-600), answer: state === 'asked' ? '' : state === 'approved' ? '同意，注意安全。' : '当天支部人手紧，请调整安排。' }
  if (has('signed-venue')) own.sign_in = signedAt({ late: has('late') })
  else if (has('signed-phone') || (/^x?$/.test(scene) && !closed)) own.sign_in = signedAt({ lesson_venue_id: null, venue_name: null, way: 'phone' })
  return own
}

const OPTIONS = ['断开电源，用绝缘物体把伤者与带电体分开', '立即用手把伤者拉开', '先向伤者身上泼水降温', '等专业人员到场，其他什么都不做，只在原地等候通知']
const result = (): QuizResult => ({
  answered: 1874, right: 1602, distribution: { a: 1602, b: 96, c: 41, d: 135 }, correct: ['a'], explanation: '先断电，再救人。徒手接触会使施救者一同触电；不能断电时，用干燥的木棒等绝缘物体分开。',
  units: [{ unit_id: unit.id, name: unit.name, expected: 22, answered: 18, right: 15 }],
})

function quiz(over: Partial<Quiz> = {}): Quiz {
  return {
    id: 'q2', lesson_id: 'live', question_id: 'k2', number: 2, kind: 'single', text: '发现有人触电，第一步应当怎么做？', options: OPTIONS.map((text, index) => ({ id: 'abcd'.charAt(index), text })), seconds: 60,
    launched_at: minutes(-0.3), deadline_at: minutes(0.7), closed_at: null, server_time: new Date().toISOString(), my_choice: null, answered: null, expected: null, result: null, ...over,
  }
}
const first = (): Quiz => quiz({
  id: 'q1', number: 1, kind: 'true_false', text: '灭火器的压力指针在绿色区域时可以使用。', options: [{ id: 'a', text: '正确' }, { id: 'b', text: '错误' }], launched_at: minutes(-20), deadline_at: minutes(-19), closed_at: minutes(-19), my_choice: ['a'],
  result: { answered: 1860, right: 1799, distribution: { a: 1799, b: 61 }, correct: ['a'], explanation: '', units: [] },
})

function quizzes(scene: string): Quiz[] {
  const has = (part: string) => scene.includes(part)
  if (has('multiple')) return [first(), quiz({ kind: 'multiple', text: '下列哪些属于班前检查的内容？' })]
  if (has('truefalse')) return [first(), quiz({ kind: 'true_false', text: '作业结束后，未经确认不得送电。', options: [{ id: 'a', text: '正确' }, { id: 'b', text: '错误' }] })]
  if (has('urgent')) return [first(), quiz({ deadline_at: minutes(0.15) })]
  if (has('over')) return [first(), quiz({ deadline_at: minutes(-0.02) })]
  if (has('quiz-sent')) return [first(), quiz({ my_choice: ['a'] })]
  if (has('right')) return [first(), quiz({ closed_at: minutes(-0.1), my_choice: ['a'], result: result() })]
  if (has('wrong')) return [first(), quiz({ closed_at: minutes(-0.1), my_choice: ['d'], result: result() })]
  if (has('missed')) return [first(), quiz({ closed_at: minutes(-0.1), result: result() })]
  if (has('quiz')) return [first(), quiz()]
  return has('none') ? [] : [first()]
}

const entry = (over: Partial<CreditEntry> = {}): CreditEntry => ({
  id: 'e1', position: 2137, kind: 'lesson', lesson: { id: 'settled', title: '心肺复苏与急救常识' }, hundredths: 150, reason: '达到要求', rule: { id: 'rule1', name: '集中学习', version: 2 }, at: minutes(-60 * 97), hash: '9f2c41d07be85a6613c0aa54e1f7d2b89e0c3364a7715bf2d86e904ac1537f1e', ...over,
})
const review = (over: Partial<Review>): Review => ({
  id: 'rv1', lesson: { id: 'settled', title: '心肺复苏与急救常识' }, member: { id: 'm-1', name: '学员甲' }, text: '08:50 到会场，手机没电，由操作员协助签到；中途没有离开。', state: 'open', asked_at: minutes(-60 * 20), decided_at: null, decided_by: null, answer: '', entry: null, ...over,
})

function verdict(scene: string): Verdict {
  const failed = scene.includes('failed')
  const base: Verdict = {
    member_id: 'm-1', name: '学员甲', unit, passed: !failed, hundredths: failed ? 0 : 150, failings: [], at: minutes(-60 * 97), entry: failed ? null : entry(), review: null,
    evidence: { signed_in_at: minutes(-60 * 100 - 8), way: 'qr', late: false, present_percent: 96, asked: 3, answered: 3, right: 2 },
  }
  if (!failed) return base
  base.failings = [{ code: 'not_present_enough', text: '在课比例 62%，低于要求的 80%。', text_en: 'Present 62%, below the required 80%.' }, { code: 'not_answered_enough', text: '3 题中作答 1 题，低于要求的 60%。', text_en: '1 of 3 answered.' }]
  base.evidence = { signed_in_at: minutes(-60 * 100 + 14), way: 'assisted', late: true, present_percent: 62, asked: 3, answered: 1, right: 1 }
  if (scene.includes('open')) base.review = review({})
  if (scene.includes('declined')) base.review = review({ state: 'declined', decided_at: minutes(-60 * 4), decided_by: { account_id: 'a-director', name: '会控甲' }, answer: '会场记录显示 10:05 离场，没有返回。' })
  return base
}

const credit = (scene: string): Credit => scene.includes('none') ? { year: 2026, hundredths: 0, entries: [] } : {
  year: 2026, hundredths: 2625, entries: [
    entry(), entry({ id: 'e0', position: 1822, kind: 'correction', lesson: { id: 'ended', title: '用电安全与设备巡检' }, hundredths: 100, reason: '复核通过：操作员协助签到，证据补录' }),
    entry({ id: 'e2', position: 1490, kind: 'make_up', lesson: { id: 'x', title: '节能降耗与绿色办公:从一度电、一张纸、一滴水做起的全员行动方案解读与现场答疑' }, hundredths: 25 }),
    entry({ id: 'e3', position: 1211, lesson: { id: 'x', title: '交通安全' }, hundredths: 2350 }),
  ],
}

function signIn(body: Record<string, unknown>, scene: string): Reply {
  if (body.way === 'phone') return [200, signedAt({ at: new Date().toISOString(), lesson_venue_id: null, venue_name: null, way: 'phone' })]
  if (body.way === 'code' && body.code === '000000') return problem(409, 'sign_in_code_wrong', '签到码不正确', '请核对会场屏幕上的六位数字后重新输入。')
  if (scene.includes('elsewhere') && body.elsewhere !== true) return problem(409, 'another_venue', '这是另一会场的签到码', '如果您现在就在该会场，请确认后签到；否则请扫描本会场的二维码。')
  return [200, signedAt({ at: new Date().toISOString() })]
}

/** null: not a member's call. */
export function memberAnswer(method: string, path: string, body: Record<string, unknown>, scene: string): Reply | null {
  if (path.startsWith('/s/')) return [303, null, { Location: '/sign-in' }]
  if (path === '/api/v1/sign-in') {
    if (scene.includes('no-proof')) return problem(409, 'proof_missing', '没有有效的扫码凭据', '请重新扫描会场屏幕上的二维码。')
    return method === 'POST' ? signIn(body, scene) : [200, { lesson: { id: 'live', title: '安全生产月专题学习' }, venue: HALL, redeemed_at: minutes(-0.5), expires_at: minutes(9.5) }]
  }
  if (path === '/api/v1/credit') return [200, credit(scene)]
  const answered = /^\/api\/v1\/quizzes\/(\w+)\/answer$/.exec(path)
  if (answered) {
    if (scene.includes('late')) return problem(409, 'quiz_closed', '本题已停止作答', '请等待讲师讲解。')
    if (scene.includes('mute')) return problem(503, 'busy', '系统繁忙', '请稍等片刻再试。')
    return [200, { quiz_id: answered[1], choice: body.choice, received_at: new Date().toISOString() }]
  }
  const has = (part: string) => scene.includes(part)
  if (path.startsWith('/api/v1/checks/')) return [200, { check_id: 'c1', received_at: new Date().toISOString() }]
  const [, id = '', act = ''] = /^\/api\/v1\/lessons\/(\w+)\/([\w-]+)$/.exec(path) ?? []
  switch (act) {
    case 'attendance': return [200, attendance(id, scene)]
    case 'leaves': return [201, { id: 'lv', state: 'asked' }]
    case 'checks': return [200, { items: has('check') ? [{ id: 'c1', number: 1, asked_at: minutes(-0.2), deadline_at: minutes(0.8), closed: false, counts: true, in_rooms: false, confirmed: false, answered: null }] : [] }]
    case 'sign-in': return signIn(body, scene)
    case 'quizzes': return [200, { items: id === 'live' || id === 'ended' ? quizzes(scene) : [] }]
    case 'verdict': return id === 'settled' ? [200, verdict(scene)] : problem(409, 'not_settled', '学时尚未核定', '核定后可查看结果和申请复核。')
    case 'reviews': return [201, review({ text: String(body.text) })]
    default: return null
  }
}
