/** Answers like the server, from sample data. The role is what was typed as the number: member, lecturer, director, venue. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server } from 'socket.io'
import type { Plugin } from 'vite'
import type { Speech, Stage } from '../src/protocol/model'
import * as attendance from './sample-attendance'
import * as sample from './sample-data'
import { calendarAnswer } from './sample-calendar'
import { clipInPlay, clipMaterials, playClip } from './sample-clips'
import { helpAnswer } from './sample-help'
import { chatFor, words } from './sample-talk'
import * as talk from './sample-inquiries'
import { handsOf } from './sample-hands'
import { memberAnswer } from './sample-member'
import { drawn, papers, slidesOnStage, turnSlides } from './sample-papers'
import { rolled, step } from './sample-roll'
import { cutLog, lessonsChapters, rollCalls, staffAnswer } from './sample-staff'

const ANSWER = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=video 9 UDP/TLS/RTP/SAVPF 102', 'a=rtpmap:102 H264/90000', ''].join('\r\n')
const changes: Partial<Stage> = {}
const speeches = new Map<string, Speech>()
const spoken = (stage: Stage): Stage => ({ ...stage, venues: stage.venues.map(one => ({ ...one, speech: speeches.get(one.id) ?? 'allowed' })) })

export function sampleServer(): Plugin {
  return {
    name: 'sample-server',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url ?? ''
        if (/^\/(api|whip|whep|hls|s|sample)\//.test(path)) void answer(request, response, path)
        else next()
      })
      if (server.httpServer) live(new Server(server.httpServer as never, { path: '/socket.io/', transports: ['websocket'], destroyUpgrade: false }))
    },
  }
}

function live(io: Server): void {
  io.of('/live').on('connection', (socket) => {
    const { lesson_id: lessonId, face } = socket.handshake.auth as { lesson_id: string, face: string }
    socket.on('since', (_payload, reply: (answer: unknown) => void) => { reply({ events: [], seq: 40 }) })
    socket.on('answer', (sent: { quiz_id: string, choice: string[] }, reply: (answer: unknown) => void) => {
      const scene = /sample_scene=([\w-]+)/.exec(socket.handshake.headers.cookie ?? '')?.[1] ?? ''
      if (!scene.includes('mute')) reply(memberAnswer('POST', `/api/v1/quizzes/${sent.quiz_id}/answer`, { ...sent }, scene)?.[1])
    })
    socket.on('beat', (_payload, reply: (answer: unknown) => void) => { reply({ server_time: new Date().toISOString() }) })
    if (face === 'phone') return
    const role = roleOf(socket.handshake.headers.cookie)
    const timer = setInterval(() => {
      if (face === 'console' || face === 'desk') socket.emit('stage', stageOf(lessonId))
      if (face === 'console' || face === 'desk') socket.emit('signals', talk.signals)
      if (lessonId === 'live' || lessonId === 'open') socket.emit('board', attendance.boardFor(role, lessonId))
    }, 1000)
    socket.on('disconnect', () => { clearInterval(timer) })
  })
}

const stageOf = (lessonId: string) => spoken(rolled(sample.stage(lessonId, { ...changes, seq: Date.now() }, process.env.SAMPLE_SCREEN !== '0')))

const roleOf = (cookie: string | undefined) => /sample_role=(\w+)/.exec(cookie ?? '')?.[1] ?? ''

async function answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const role = roleOf(request.headers.cookie) || undefined
  const scene = /sample_scene=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
  const picture = drawn(path)
  if (picture) { response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(picture); return }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const body = text.startsWith('{') ? JSON.parse(text) as Record<string, unknown> : {}
  if (/^\/(whip|whep)\//.test(path)) {
    response.writeHead(request.method === 'POST' ? 201 : 200, { 'Location': `${path}/r1`, 'Content-Type': 'application/sdp' }).end(ANSWER)
    return
  }
  const method = request.method ?? 'GET'
  const bare = path.replace(/\?.*/, '')
  const [status, result, headers] = (role === 'member' ? memberAnswer(method, bare, body, scene) : null) ?? calendarAnswer(method, bare) ?? route(method, bare, body, role, new URL(path, 'http://sample').searchParams)
  response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', 'ETag': '"3"', ...headers })
  response.end(status === 204 ? undefined : JSON.stringify(result))
}

type Reply = [number, unknown, Record<string, string>?]
const problem = (status: number, code: string, title: string, detail: string): Reply =>
  [status, { status, code, title, title_en: code, detail, detail_en: '' }]

function route(method: string, path: string, body: Record<string, unknown>, role: string | undefined, query: URLSearchParams): Reply {
  if (path === '/sample/quiz') { attendance.quizState.mode = String(body.mode); attendance.quizState.launchedAt = Date.now() - Number(body.age ?? 20) * 1000; return [200, {}] }
  if (path === '/api/v1/info') return [200, sample.info]
  if (path === '/api/v1/session') return session(method, body, role)
  if (!role) return problem(401, 'not_logged_in', '请先登录', '')
  const staff = staffAnswer(method, path, body)
  if (staff) return staff
  const [, collection, id, act] = /^\/api\/v1\/([\w-]+)\/?([\w-]*)\/?(.*)$/.exec(path) ?? []
  switch (collection) {
    case 'credit-rules': return list(attendance.rules)
    case 'reviews': return list(attendance.reviews.filter(one => one.state === query.get('state')))
    case 'credit': return [200, { year: 2026, hundredths: 1250, entries: [] }]
    case 'units': return act === 'words' ? [200, words] : list(sample.units)
    case 'chat': return [200, {}]
    case 'venues': return list(sample.venues)
    case 'lecturers': return list(sample.lecturers)
    case 'recordings': return id ? [201, { camera: '/hls/r/g/camera.m3u8', screen: '/hls/r/g/screen.m3u8', duration_ms: 5_400_000, expires_at: sample.minutes(60), renew_after_s: 1800 }] : list(sample.recordings)
    case 'venue-networks': return list(sample.venues.map((venue, index) => ({ venue_id: venue.id, name: venue.name, networks: index === 0 ? ['192.168.8.0/24', '10.20.0.0/16'] : [], shares_device: index === 1 })))
    case 'socket-ticket': return [201, { ticket: 't', expires_at: sample.minutes(1) }]
    case 'lessons': return lesson(method, id ?? '', act ?? '', body, role, query)
    default: return problem(404, 'not_found', '没有这项内容', '')
  }
}

const list = (items: unknown[]): Reply => [200, { items, next_cursor: null }]

function session(method: string, body: Record<string, unknown>, role: string | undefined): Reply {
  if (method === 'DELETE') return [204, null, { 'Set-Cookie': 'sample_role=; Path=/; Max-Age=0' }]
  if (method === 'GET') return role ? [200, sample.me(role)] : problem(401, 'not_logged_in', '请先登录', '')
  if (body.password === 'wrong') return problem(401, 'bad_credentials', '编号或密码不对', '请核对后重试;连续 5 次不对将锁定 5 分钟。')
  return [201, sample.me(String(body.number)), { 'Set-Cookie': `sample_role=${String(body.number)}; Path=/` }]
}

function lesson(method: string, id: string, act: string, body: Record<string, unknown>, role: string, query: URLSearchParams): Reply {
  if (!id) return method === 'POST' ? [201, sample.lessons(role)[3]] : list(process.env.SAMPLE_EMPTY ? [] : sample.lessons(role))
  const found = sample.lessons(role).find(one => one.id === id)
  if (!found) return problem(404, 'not_found', '找不到这场课', '它可能已被删除,或您没有查看的权限。')
  if (playClip(act, body)) { changes.clip = clipInPlay(); return [200, stageOf(id)] }
  if (turnSlides(act, body)) { changes.slides = slidesOnStage(); return [200, { slides: changes.slides }] }
  const helped = helpAnswer(method, act, body, role)
  if (helped) return [200, helped]
  switch (act) {
    case '': return [200, found]
    case 'stage': return [200, stageOf(id)]
    case 'events': return query.get('nouns') === 'cut' ? [200, { events: cutLog, seq: 40 }] : [200, { events: [...attendance.flags, ...sample.log], seq: 40 }]
    case 'inquiries': return method === 'POST' ? [201, { ...talk.inquiries('member').items[5], text: body.text }] : [200, talk.inquiries(role)]
    case 'signals': return [204, null]
    case 'chapters': return method === 'POST' ? [201, { id: 'c9', at: sample.minutes(0), title: '', inquiry_id: null }] : list(id === 'ended' ? lessonsChapters : talk.chapters)
    case 'board': return [200, attendance.boardFor(role, id)]
    case 'leaves': return [200, { items: attendance.leaves }]
    case 'doubts': return [200, { items: attendance.doubts }]
    case 'corrections': return [200, { items: attendance.corrections, by_two: true }]
    case 'checks': return [200, { items: [] }]
    case 'roster': return method === 'POST' ? problem(404, 'member_not_found', '没有找到该党员', '请核对编号。') : [200, attendance.rosterOf(query)]
    case 'sign-in-code': return [200, attendance.signInCode(query.get('venue') ?? 'lv1', 'https://school.example:8443')]
    case 'assignments': return [200, attendance.assignments]
    case 'assisted-sign-ins': return [201, { lesson_id: id, member_id: body.member_id, at: sample.minutes(0), way: 'assisted', lesson_venue_id: 'lv1', venue_name: '第一党总支会议室', late: false }]
    case 'chat': return [200, method === 'PUT' ? body : chatFor(role, query.get('state'))]
    case 'mutes': return list([])
    case 'materials': return list([...papers, ...clipMaterials])
    case 'hands': return [200, handsOf(role)]
    case 'questions': return list(process.env.SAMPLE_EMPTY ? [] : attendance.questions)
    case 'quizzes': return list(attendance.quizzes(role))
    case 'verdicts': return [200, attendance.verdictsOf(query)]
    case 'tickets': return [201, { url: `/${body.use === 'publish' ? 'whip' : 'whep'}/${id}/x`, token: 't', expires_at: sample.minutes(1) }]
    case 'hls': return [201, { camera: '/hls/live.m3u8', screen: null, expires_at: sample.minutes(60), renew_after_s: 1800 }]
    case 'take': changes.slots = { camera: 'main', screen: 'screen', ...changes.slots, [String(body.slot)]: body.source as string }; changes.on_air_venue = /^venue-/.test(String(body.source)) ? String(body.source).slice(6) : null; return [200, stageOf(id)]
    case 'cut': changes.cut = { since: new Date().toISOString(), by: '会控甲', reason: '' }; return [200, stageOf(id)]
    case 'cut/end': changes.cut = null; return [200, stageOf(id)]
    case 'standby': changes.standby = { since: new Date().toISOString(), until: new Date(Date.now() + Number(body.seconds) * 1000).toISOString(), note: String(body.note) }; return [200, stageOf(id)]
    case 'standby/end': changes.standby = null; return [200, stageOf(id)]
    case 'audio': changes.opened_audio = body.opened ? [...(changes.opened_audio ?? ['main']), String(body.source)] : (changes.opened_audio ?? ['main']).filter(one => one !== body.source); return [200, stageOf(id)]
    case 'speech': speeches.set(String(body.lesson_venue_id), body.speech as Speech); return [200, stageOf(id)]
    case 'roll-calls': if (method === 'GET') return list(rollCalls); step(act, body, stageOf(id).venues.map(one => one.id)); return [200, stageOf(id)]
    case 'roll-call/turn': case 'roll-call/result': case 'roll-call/finish': step(act, body, stageOf(id).venues.map(one => one.id)); return [200, stageOf(id)]
    case 'transitions': return problem(409, 'illegal_transition', '当前状态下不能进行此操作', '请刷新页面查看最新状态。')
    default: return [200, stageOf(id)]
  }
}
