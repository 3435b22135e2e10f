/** Organisation, people, accounts and an ended lesson's records, for the pages of who looks after them. */

import type { Account, Session } from '../src/protocol/accounts'
import type { LessonLogEvent } from '../src/protocol/model'
import type { Change, Member, MemberDetail, Organisation, OrganisationUnit, UnitFile, UnitRule } from '../src/protocol/organisation'
import { minutes, units } from './sample-data'

type Reply = [number, unknown]
const day = (days: number) => minutes(days * 1440).slice(0, 10)

const tree: OrganisationUnit[] = [...units, { id: 'u4', parent_id: 'u2', name: '综合党支部', kind: 'branch' as const, members: 7 }].map((unit, index) => ({
  ...unit, founded: index ? day(-900) : null, until: null, kinds: [{ kind: 'full', members: unit.members - 3 }, { kind: 'probationary', members: 2 }, { kind: 'activist', members: 1 }],
  unusual: index === 1 ? { least: 50, most: 100 } : null, may: ['see', 'phones', 'groups', 'edit'], version: 3,
}))
const organisation: Organisation = { on: day(0), earliest: day(-900), units: tree }
const named = (unit: OrganisationUnit) => ({ id: unit.id, name: unit.name })
const branch = tree[2] as OrganisationUnit

const people: Member[] = ['学员甲', '学员乙', '欧阳学员', '学员丁', '学员戊'].map((name, index) => ({
  id: `m-${index + 1}`, name, number: `20${110 + index}`, kind: index === 1 ? 'probationary' : 'full', unit: named(branch), since: day(-400 + index * 30), until: index === 4 ? day(12) : null, ending: index === 4 ? 'moved_away' : null,
  group: index < 2 ? { id: 'g1', name: '第一党小组' } : null, loan: index === 2 ? named(tree[3] as OrganisationUnit) : null, phone: `1380000${1000 + index}`, version: 2,
}))
const history: Change[] = [
  { at: minutes(-9000), by: '会控甲', kind: 'member_enrolled', since: day(-7), facts: { name: '学员丁', unit: branch.name } },
  { at: minutes(-90_000), by: '会控甲', kind: 'unit_renamed', since: day(-60), facts: { from: '第三联合党支部', to: branch.name } },
]
const rule: UnitRule = { unit: named(tree[0] as OrganisationUnit), since: day(-300), loans: 'host', committee: { least: 100, most: null }, general_branch: { least: 50, most: 100 }, branch: { least: 3, most: 50 } }
const fileOf = (unit: OrganisationUnit): UnitFile => ({
  unit, names: [{ since: day(-60), name: unit.name }], parents: [{ since: day(-900), until: null, parent: unit.parent_id ? named(tree[0] as OrganisationUnit) : null }],
  groups: unit.kind === 'branch' ? [{ id: 'g1', unit_id: unit.id, name: '第一党小组', leader: { id: 'm-1', name: '学员甲' }, version: 1 }, { id: 'g2', unit_id: unit.id, name: '第二党小组', leader: null, version: 1 }] : [], rules: [rule], rule, history,
})
const detailOf = (one: Member): MemberDetail => ({
  ...one, units: [{ unit: one.unit, since: one.since, until: null, ending: null, note: '' }], kinds: [{ since: one.since, kind: one.kind }], loans: one.loan ? [{ unit: one.loan, since: day(-20), until: null, ending: null, note: '设备检修专班' }] : [], history, may: ['see', 'phones', 'groups', 'edit'],
})

const account = (index: number, name: string, over: Partial<Account>): Account => ({
  account_id: `a-${index}`, number: `20${110 + index}`, name, kind: 'person', member_id: `m-${index}`, unit: named(branch), roles: [{ role: 'member', unit_id: 'u1' }], disabled: false, password_set: true, second_factor: false, code_until: null, used_at: minutes(-90), ...over,
})
const accounts = [
  account(1, '学员甲', {}), account(2, '学员乙', { password_set: false, used_at: null }), account(3, '欧阳学员', { password_set: false, used_at: null, code_until: minutes(4000) }),
  account(4, '书记甲', { roles: [{ role: 'secretary', unit_id: 'u3' }, { role: 'lecturer', unit_id: 'u1' }], second_factor: true }), account(5, '学员戊', { disabled: true }),
  account(6, '第一党总支会议室', { kind: 'device', member_id: null, roles: [{ role: 'venue_operator', unit_id: 'u2' }] }),
]
const session = (id: string, device: string, address: string, ago: number, current = false): Session => ({ id, device, address, created_at: minutes(-ago - 600), used_at: minutes(-ago), expires_at: minutes(600), current })
const sessions = [session('s1', 'Chrome · Windows', '192.168.8.21', 0, true), session('s2', '微信 · Android', '10.20.3.7', 190)]

const agreed = '为组织学习、签到和核定学时，本系统会使用您的以下信息：\n1. 姓名、编号、所属党组织、联系电话：由本单位名册提供，用于确认应到人员和联系您。\n2. 签到时间、方式、设备和网络地址，在线时段和随机确认：用于核定出勤和学时。\n3. 作答、提问、聊天和举手：用于教学，讲师和会务可以看到。\n4. 发言时的画面和声音：上课录像时会一并录下。\n\n本系统不采集位置，不做人脸识别，不公开排名。各类信息按规定期限保存，到期清理。'
const consents = [{ version: 2, text: agreed, text_en: 'To organise lessons, sign-in and study credit this system uses your name, number, unit and telephone number.', since: minutes(-3000), by: '安全管理员甲', accepted: 1874 }, { version: 1, text: agreed, text_en: '', since: minutes(-300_000), by: '安全管理员甲', accepted: 2003 }]
const code = (who: Account, kind: 'activation' | 'door') => ({ account_id: who.account_id, name: who.name, number: who.number, unit: who.unit, kind, expires_at: minutes(kind === 'door' ? 10 : 10_080), code: kind === 'door' ? '482913' : '482913077415' })

/** null: it is not one of theirs. */
export function staffAnswer(method: string, path: string, body: Record<string, unknown>): Reply | null {
  const [, collection, id] = /^\/api\/v1\/([\w-]+)\/?([\w-]*)/.exec(path) ?? []
  const list = (items: unknown[]): Reply => [200, { items, next_cursor: null }]
  switch (`${method} ${path}`) {
    case 'GET /api/v1/session/consent': return [200, { current: consents[0], accepted_at: null }]
    case 'POST /api/v1/session/consent': return [204, null]
    case 'GET /api/v1/consents': return [200, { items: consents, people: 2010, edits: true }]
    case 'GET /api/v1/session/idle': return [200, { left_s: null }]
    case 'GET /api/v1/session/second-factor': return [200, { enabled: false, required: false, recovery_left: 0 }]
    case 'POST /api/v1/session/second-factor': return [200, { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/sample', qr: '' }]
    case 'GET /api/v1/sessions': return list(sessions)
    case 'GET /api/v1/accounts': return list(accounts)
    case 'POST /api/v1/access-codes': return [201, { items: accounts.slice(0, 3).map(one => code(one, body.kind === 'door' ? 'door' : 'activation')) }]
    case 'GET /api/v1/organisation': return [200, organisation]
    case 'GET /api/v1/members': return [200, { items: people, next_cursor: null, total: people.length, kinds: branch.kinds }]
  }
  const unit = tree.find(one => one.id === id)
  if (collection === 'units' && unit && !path.endsWith('/words')) return [200, fileOf(unit)]
  const person = people.find(one => one.id === id)
  return collection === 'members' && person ? [200, detailOf(person)] : null
}

export const rollCalls = [
  { number: 1, started_at: minutes(-60 * 72), counts: { answered: 8, no_picture: 0, no_sound: 0, absent: 0 }, uncalled: 0 },
  { number: 2, started_at: minutes(-60 * 71.2), counts: { answered: 5, no_picture: 1, no_sound: 0, absent: 1 }, uncalled: 1 },
]
export const cutLog: LessonLogEvent[] = [
  { seq: 12, at: minutes(-60 * 71.6), kind: 'cut.begun', data: { since: minutes(-60 * 71.6) } },
  { seq: 13, at: minutes(-60 * 71.6 + 1.4), kind: 'cut.ended', data: {} },
]
export const lessonsChapters = [
  { id: 'c1', at: minutes(-60 * 72 + 1), title: '导入', inquiry_id: null }, { id: 'c2', at: minutes(-60 * 72 + 20), title: '', inquiry_id: null }, { id: 'c3', at: minutes(-60 * 72 + 60), title: '灭火器每年检查几次，由谁来签字确认？', inquiry_id: 'q0' },
]
