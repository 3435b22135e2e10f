/** A small world to look at the faces with: long names, faults, empty places. No real persons or organisations. */

import type { Lesson, LessonLogEvent, Me, Recording, Stage, StageSource, StageVenue, Unit, Venue } from '../src/protocol/model'

export const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString()

export const info = {
  product: 'dangxiao', version: '0.1.0', organisation: '示例集团党委党校', language: process.env.SAMPLE_LANGUAGE ?? 'zh',
  notice: '非涉密系统,严禁处理、传输涉密信息', notice_en: 'Not for classified information', media: { udp_port: 8443 },
}

export const units: Unit[] = [
  { id: 'u1', parent_id: null, name: '示例集团党委', kind: 'committee', members: 120 },
  { id: 'u2', parent_id: 'u1', name: '第一党总支', kind: 'general_branch', members: 60 },
  { id: 'u3', parent_id: 'u2', name: '华东区域动力设备检修与综合能源服务中心第三联合党支部', kind: 'branch', members: 22 },
]

const names = ['集团总部报告厅', '第一党总支会议室', '华东区域动力设备检修与综合能源服务中心第三联合党支部活动室', '质量检验中心', '物流基地三号楼', '信息中心', '离退休干部活动室', '研发楼二层', '后勤服务中心', '北区变电站']
export const venues: Venue[] = names.map((name, index) => ({ id: `v${index}`, name, unit_id: index ? 'u2' : 'u1', room: `${index + 1} 号楼 ${index + 2}01`, seats: 30 + index * 6 }))
export const lecturers = [{ account_id: 'a-lecturer', name: '讲师甲' }, { account_id: 'a-l2', name: '讲师乙' }]

export function lessons(role: string): Lesson[] {
  const base = {
    unit: { id: 'u1', name: '示例集团党委' }, lecturer: { account_id: 'a-lecturer', name: '讲师甲' }, recorded: true, watermark: true, replay_skips: false, video_codec: 'H264' as const, version: 3,
    opened_at: null, live_at: null, ended_at: null, settled_at: null, credit_hundredths: 150, rule: { id: 'rule1', name: '集中学习', version: 2 }, may: rights(role), my_venue: role === 'venue' ? 'lv1' : null,
    kind: 'lecture' as const, media: true, course: null, series_id: null,
    venues: venues.slice(0, 9).map((venue, index) => ({ id: `lv${index}`, venue: { id: venue.id, name: venue.name }, part: index ? 'branch' as const : 'main' as const, source: index ? `venue-lv${index}` : 'main' })),
  }
  return [
    { ...base, id: 'live', title: '安全生产月专题学习', state: 'live', starts_at: minutes(-37), ends_at: minutes(53), opened_at: minutes(-60), live_at: minutes(-36.6) },
    { ...base, id: 'open', title: '节能降耗与绿色办公:从一度电、一张纸、一滴水做起的全员行动方案解读与现场答疑', state: 'open', starts_at: minutes(18), ends_at: minutes(108), opened_at: minutes(-5) },
    { ...base, id: 'scheduled', title: '心肺复苏与急救常识', state: 'scheduled', starts_at: minutes(60 * 52), ends_at: minutes(60 * 53.5), lecturer: { account_id: 'a-l2', name: '讲师乙' } },
    { ...base, id: 'visit', title: '主题党日：参观消防安全体验馆', state: 'live', starts_at: minutes(-20), ends_at: minutes(100), opened_at: minutes(-50), live_at: minutes(-19), kind: 'theme_day', media: false, recorded: false, watermark: false, replay_skips: false, course: { id: 'c1', name: '安全生产系列' } },
    { ...base, id: 'draft', title: '消防演练总结', state: 'draft', starts_at: minutes(60 * 99), ends_at: minutes(60 * 100), lecturer: null, venues: [] },
    { ...base, id: 'ended', title: '用电安全与设备巡检', state: 'ended', starts_at: minutes(-60 * 72), ends_at: minutes(-60 * 70.5), opened_at: minutes(-60 * 72.4), live_at: minutes(-60 * 72), ended_at: minutes(-60 * 70.5) },
    { ...base, id: 'settled', title: '心肺复苏与急救常识', state: 'settled', starts_at: minutes(-60 * 100), ends_at: minutes(-60 * 98.5), live_at: minutes(-60 * 100), ended_at: minutes(-60 * 98.5), settled_at: minutes(-60 * 97) },
    { ...base, id: 'cancelled', title: '冬季行车安全', state: 'cancelled', starts_at: minutes(-60 * 96), ends_at: minutes(-60 * 95) },
  ]
}

function rights(role: string): Lesson['may'] {
  if (role === 'director') return ['read', 'run', 'edit', 'watch', 'board', 'assist', 'vouch', 'quiz', 'settle']
  if (role === 'lecturer') return ['read', 'run', 'publish_main', 'watch', 'board', 'quiz']
  return role === 'venue' ? ['read', 'publish_venue', 'watch', 'board', 'assist'] : ['read', 'watch']
}

export function me(role: string): Me {
  const unit = { id: 'u3', name: '华东区域动力设备检修与综合能源服务中心第三联合党支部' }
  const roles = { director: 'school_admin', security: 'security_admin', lecturer: 'lecturer', venue: 'venue_operator' } as const
  return {
    account_id: `a-${role}`, name: { director: '会控甲', lecturer: '讲师甲', venue: '第一党总支会议室' }[role] ?? '学员甲', number: role, kind: role === 'venue' ? 'device' : 'person',
    member_id: role === 'member' ? 'm-1' : null, unit, venue: role === 'venue' ? { id: 'v1', name: '第一党总支会议室' } : null,
    roles: [{ role: roles[role as keyof typeof roles] ?? 'member', unit_id: 'u1' }], home: role === 'director' ? '/manage/lessons' : '/', consent: role === 'fresh' ? 2 : null,
  }
}

const sends = (source: string, label: string, over: Partial<StageSource> = {}): StageSource => ({
  source, label, connected: true, has_video: true, has_audio: true, video_codec: 'H264', bitrate_bps: 1_400_000, loss: 0.002,
  audio_level_dbov: 30 + Math.floor(Math.random() * 30), ...over,
})
const silent = { connected: false, has_video: false, has_audio: false, video_codec: null, bitrate_bps: 0, audio_level_dbov: 127 }

export function stage(lessonId: string, change: Partial<Stage>, screen: boolean): Stage {
  const listed: StageVenue[] = venues.slice(1, 9).map((venue, index) => ({
    id: `lv${index + 1}`, name: venue.name, part: 'branch', source: `venue-lv${index + 1}`, online: index !== 5, microphone: index === 0 ? 'ready' : 'muted', speech: 'allowed', roll: null,
  }))
  const state = lessons('member').find(lesson => lesson.id === lessonId)?.state ?? 'live'
  return {
    lesson_id: lessonId, seq: 40, state, slots: { camera: 'main', screen: 'screen' }, opened_audio: ['main'], on_air_venue: null, desk: 'main', talkbacks: [], storage: lessonId === 'open' ? { free_bytes: 18_600_000_000, low: true } : { free_bytes: 312_400_000_000, low: false }, slides: null,
    sources: [
      sends('main', '主会场'), screen ? sends('screen', '屏幕共享', { has_audio: false }) : sends('screen', '屏幕共享', silent),
      ...listed.map((venue, index) => sends(venue.source, venue.name, [
        {}, { loss: 0.08, bitrate_bps: 90_000 }, { has_audio: false, audio_level_dbov: 127 }, { has_video: false }, silent, silent, { video_codec: 'VP8' }, {},
      ][index])),
    ],
    venues: listed, viewers: 1874, online: 1892, recording: { id: 'r1', state: 'running', duration_ms: 36 * 60_000 + 35_000 }, clip: null,
    alarms: [
      { code: 'venue_offline', text: '离退休干部活动室 会场掉线', text_en: 'A venue went offline', since: minutes(-3), source: null },
      { code: 'disk_low', text: '录像磁盘剩余不足 20 GB', text_en: 'Less than 20 GB left for recordings', since: minutes(-9), source: null },
    ],
    media_ok: true, roll_call: null, cut: null, standby: null, ...change,
  }
}

export const log: LessonLogEvent[] = [
  { seq: 36, at: minutes(-37), kind: 'lesson.changed', data: { state: 'live' } },
  { seq: 37, at: minutes(-37), kind: 'recording.changed', data: { state: 'running' } },
  { seq: 38, at: minutes(-20), kind: 'stage.taken', data: { slot: 'camera', source: 'venue-lv2', label: '华东区域动力设备检修与综合能源服务中心第三联合党支部活动室' } },
  { seq: 39, at: minutes(-16), kind: 'stage.taken', data: { slot: 'camera', source: 'main', label: '主会场' } },
  { seq: 40, at: minutes(-2), kind: 'stage.taken', data: { slot: 'screen', source: 'screen', label: '屏幕共享' } },
]

const shelved = { starts_at: minutes(-60), kind: 'lecture' as const, unit: { id: 'u1', name: '华东电力运维分公司党委' }, lecturer: { account_id: 'lec', name: '周讲师' }, marks: [], marks_found: 0 }

export const recordings: Recording[] = [
  { id: 'r1', lesson_id: 'live', title: '安全生产月专题学习', state: 'running', started_at: minutes(-37), duration_ms: 36 * 60_000, bytes: 512_000_000, recovered: false, gaps_ms: 0, ...shelved },
  { id: 'r2', lesson_id: 'ended', title: '用电安全与设备巡检', state: 'finished', started_at: minutes(-60 * 72), duration_ms: 5_400_000, bytes: 1_470_000_000, recovered: false, gaps_ms: 0, ...shelved },
  { id: 'r3', lesson_id: 'ended', title: '节能降耗与绿色办公:从一度电、一张纸、一滴水做起的全员行动方案解读与现场答疑', state: 'finished', started_at: minutes(-60 * 240), duration_ms: 4_961_000, bytes: 1_210_000_000, recovered: true, gaps_ms: 4_000, ...shelved },
]
