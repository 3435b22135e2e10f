/** The real Socket.IO client against a real Socket.IO server on a free port. */
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Live, type LiveWish } from '@/protocol/live'
import type { LessonLogEvent } from '@/protocol/model'
import { reach } from '@/protocol/reach'
import { Rest } from '@/protocol/rest'

const event = (seq: number): LessonLogEvent => ({ seq, at: '2026-11-22T01:00:00Z', kind: 'stage.taken', data: {} })

let http: HttpServer
let io: Server
let origin: string
let lessonLog: LessonLogEvent[]
let connections: { socket: Socket, auth: Record<string, unknown> }[]
let refuse: object | null
let lives: Live[]
let answers: unknown[]
/** How often `since` was asked on each connection. */
let asked: number[]
let beats: { ticket?: boolean, hidden?: boolean }[]
/** Pushed before it is told what it missed. */
let early: LessonLogEvent[]
/** Whoever stands before it is more than a page behind. */
let behindBefore: number
/** null: the server stays silent. */
let answered: object | null
/** By a beat, to who asks. */
let given: string | null

beforeEach(async () => {
  http = createServer()
  io = new Server(http, { transports: ['websocket'] })
  connections = []
  lessonLog = []
  lives = []
  refuse = null
  answers = []
  asked = []
  beats = []
  early = []
  behindBefore = 0
  answered = null
  given = null
  io.of('/live').use((_socket, next) => {
    if (refuse) next(Object.assign(new Error('refused'), { data: refuse }))
    else next()
  }).on('connection', (socket) => {
    connections.push({ socket, auth: socket.handshake.auth })
    const missed = (seq: number, snapshot?: boolean) => snapshot && seq < behindBefore
      ? { events: [], seq: behindBefore, behind: true }
      : { events: lessonLog.filter(one => one.seq > seq), seq: lessonLog[lessonLog.length - 1]?.seq ?? seq }
    asked.push(0)
    for (const push of early) socket.emit('events', [push])
    socket.emit('caught_up', missed(Number(socket.handshake.auth['since']), true))
    socket.on('since', ({ seq, snapshot }: { seq: number, snapshot?: boolean }, reply: (answer: unknown) => void) => {
      asked[asked.length - 1] = (asked[asked.length - 1] ?? 0) + 1
      reply(missed(seq, snapshot))
    })
    socket.on('answer', (sent: unknown, reply: (answer: unknown) => void) => { answers.push(sent); if (answered) reply(answered) })
    socket.on('beat', (asked: { ticket?: boolean, hidden?: boolean }, reply: (answer: unknown) => void) => {
      beats.push(asked)
      const ticket = asked.ticket && given ? { ticket: given } : {}
      reply({ server_time: '2026-11-22T01:00:00Z', ...ticket })
    })
  })
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
})

afterEach(async () => {
  for (const live of lives) { live.stop(); live.stop() }
  await io.close()
})

function join(over: Partial<LiveWish> = {}, polled: LessonLogEvent[] = []) {
  const seen: number[] = []
  const links: string[] = []
  let issued = 0
  const rest = new Rest({
    fetch: (input => Promise.resolve(new Response(JSON.stringify(String(input).includes('/events')
      ? { events: polled.splice(0), seq: 0 }
      : { ticket: `t${issued += 1}`, expires_at: '' }), { status: 201 }))),
  })
  const live = new Live({
    rest, lessonId: 'l', face: 'phone', since: 3, origin, onEvent: one => seen.push(one.seq), onStage: () => undefined,
    onLink: link => links.push(link.name), onClock: () => undefined, ...over,
  })
  lives.push(live)
  live.start()
  return { live, seen, links }
}

const until = async (holds: () => boolean) => { await expect.poll(holds, { timeout: 8_000, interval: 10 }).toBe(true) }

describe('the live connection', () => {
  test('says at once that the page is put away and that it is in front again, and with each return', async () => {
    const page = Object.assign(new EventTarget(), { hidden: false, pictureInPictureElement: null as object | null })
    vi.stubGlobal('document', page)
    try {
      const { links } = join()
      await until(() => links.includes('up') && beats.length === 1)
      expect(beats[0]).toEqual({ ticket: true, hidden: false })
      for (const hidden of [true, false]) {
        page.hidden = hidden
        page.dispatchEvent(new Event('visibilitychange'))
        await until(() => beats[beats.length - 1]?.hidden === hidden)
      }
      Object.assign(page, { hidden: true, pictureInPictureElement: {} })
      page.dispatchEvent(new Event('visibilitychange'))
      await until(() => beats.length === 4)
      expect(beats[3]?.hidden).toBe(false)
      page.pictureInPictureElement = null
      connections[0]?.socket.disconnect(true)
      await until(() => connections.length === 2)
      expect(connections[1]?.auth).toMatchObject({ hidden: true })
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('joins with a ticket, where it stands, and catches up in order', async () => {
    lessonLog = [event(2), event(4), event(6)]
    const { seen } = join()
    await until(() => seen.length === 2)
    expect(seen).toEqual([4, 6])
    expect(connections[0]?.auth).toEqual({ ticket: 't1', lesson_id: 'l', since: 3, face: 'phone', batch: true, catch_up: true, hidden: false })
  })

  test('it is told what it missed and does not ask; what is pushed before waits for it', async () => {
    early = [event(8)]
    lessonLog = [event(5), event(8)]
    const { seen, links } = join()
    await until(() => links.includes('up') && seen.length === 2)
    expect(seen).toEqual([5, 8])
    expect(asked).toEqual([0])
  })

  test('a lost connection is dialled again with a new ticket, and nothing is missed or doubled', async () => {
    const { seen, links } = join()
    await until(() => links.includes('up') && connections.length === 1)
    lessonLog = [event(4)]
    connections[0]?.socket.emit('event', event(4))
    await until(() => seen.length === 1)
    lessonLog = [event(4), event(5), event(9)]
    connections[0]?.socket.disconnect(true)
    await until(() => seen.length === 3)
    expect(seen).toEqual([4, 5, 9])
    expect(connections[1]?.auth).toMatchObject({ ticket: 't2', since: 4 })
  })

  test('the ticket that a beat gave is for the next dials, until it is refused or a goodbye is about rights', async () => {
    given = 'kept'
    const clocks: number[] = []
    const { links } = join({ onClock: ms => clocks.push(ms) })
    await until(() => clocks.length === 1)
    connections[0]?.socket.emit('bye', { code: 'draining', retry_after_ms: 1 })
    await until(() => connections.length === 2)
    expect(connections[1]?.auth).toMatchObject({ ticket: 'kept' })
    await until(() => links.filter(each => each === 'up').length === 2)
    expect(clocks).toHaveLength(1)
    given = null
    refuse = { code: 'ticket_invalid', title: '无效', title_en: 'No' }
    const before = links.length
    connections[1]?.socket.disconnect(true)
    await until(() => links.slice(before).includes('waiting'))
    refuse = null
    await until(() => connections.length === 3)
    expect(connections[2]?.auth).toMatchObject({ ticket: 't2' })
  })

  test('who has to go for want of a right asks for a ticket again', async () => {
    given = 'kept'
    const clocks: number[] = []
    join({ onClock: ms => clocks.push(ms) })
    await until(() => clocks.length === 1)
    connections[0]?.socket.emit('bye', { code: 'not_logged_in', retry_after_ms: 1 })
    await until(() => connections.length === 2)
    expect(connections[1]?.auth).toMatchObject({ ticket: 't2' })
  })

  test('resync asks for what may be missing', async () => {
    const { seen, links } = join()
    await until(() => links.includes('up') && connections.length === 1)
    lessonLog = [event(7)]
    connections[0]?.socket.emit('resync', { seq: 7 })
    await until(() => seen.length === 1)
    expect(seen).toEqual([7])
  })

  test('a frame of events is delivered one by one, in order', async () => {
    const { seen, links } = join()
    await until(() => links.includes('up') && connections.length === 1)
    connections[0]?.socket.emit('events', [event(4), event(5), event(5), event(9)])
    await until(() => seen.length === 3)
    expect(seen).toEqual([4, 5, 9])
  })

  test('more than a page behind: everything is read anew, and the tail goes on from there', async () => {
    behindBefore = 10_000
    lessonLog = [event(9_999), event(10_001), event(10_002)]
    let failures = 1
    const { seen, links } = join({ onBehind: () => failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(10_000) })
    await until(() => links.includes('up') && connections.length === 1)
    connections[0]?.socket.emit('events', [event(10_003)])
    await until(() => seen.length === 3)
    expect(seen).toEqual([10_001, 10_002, 10_003])
  })

  test('bye is obeyed: it comes back after the given delay', async () => {
    const { links } = join()
    await until(() => links.includes('up') && connections.length === 1)
    connections[0]?.socket.emit('bye', { code: 'draining', retry_after_ms: 30 })
    await until(() => connections.length === 2)
    expect(links).toContain('waiting')
  })

  test('a login that ended is asked about at once, leads to the login page and is not dialled again', async () => {
    let loggedIn = true
    let sentAway = 0
    const rest = new Rest({
      fetch: () => Promise.resolve(loggedIn
        ? new Response(JSON.stringify({ ticket: 't', expires_at: '' }), { status: 201 })
        : new Response(JSON.stringify({ code: 'not_logged_in', title: '未登录', title_en: 'Not logged in' }), { status: 401 })),
      onLoggedOut: () => { sentAway += 1 },
    })
    const { links } = join({ rest })
    await until(() => links.includes('up') && connections.length === 1)
    loggedIn = false
    connections[0]?.socket.emit('bye', { code: 'not_logged_in', retry_after_ms: 60_000 })
    await until(() => links.includes('refused'))
    expect(sentAway).toBe(1)
    expect(connections).toHaveLength(1)
  })

  test('a refusal that stays is not tried again', async () => {
    refuse = { code: 'lesson_not_found', title: '没有', title_en: 'No' }
    const { links } = join()
    await until(() => links.includes('refused'))
    expect(connections).toHaveLength(0)
  })

  test('an answer is acknowledged over the socket, a refusal is thrown', async () => {
    const { live, links } = join()
    await until(() => links.includes('up'))
    answered = { quiz_id: 'q', choice: ['a'], received_at: '2026-11-22T01:00:00Z' }
    expect(await live.answer('q', 'c1', ['a'])).toEqual(answered)
    expect(answers).toEqual([{ quiz_id: 'q', command_id: 'c1', choice: ['a'], nth: 1 }])
    answered = { code: 'quiz_closed', title: '本题已停止作答', title_en: 'This question is closed' }
    await expect(live.answer('q', 'c1', ['a'])).rejects.toMatchObject({ code: 'quiz_closed', passing: false })
    answered = { code: 'busy', title: '系统繁忙', title_en: 'The system is busy' }
    await expect(live.answer('q', 'c1', ['a'])).rejects.toMatchObject({ code: 'busy', passing: true })
  })

  test('without an ack, and without a connection, an answer is unreachable', async () => {
    const { live, links } = join()
    await expect(live.answer('q', 'c1', ['a'])).rejects.toMatchObject({ code: 'unreachable', passing: true })
    await until(() => links.includes('up'))
    const silent = live.answer('q', 'c1', ['a'])
    await until(() => answers.length === 1)
    connections[0]?.socket.disconnect(true)
    await expect(silent).rejects.toMatchObject({ code: 'unreachable' })
  })

  test('counts and boards come to those who asked', async () => {
    const heard: unknown[] = []
    const { links } = join({ onBoard: board => heard.push(board.present), onQuizCount: count => heard.push(count.answered) })
    await until(() => links.includes('up') && connections.length === 1)
    connections[0]?.socket.emit('board', { present: 7 })
    connections[0]?.socket.emit('quiz', { answered: 3 })
    await until(() => heard.length === 2)
    expect(heard).toEqual([7, 3])
  })

  test('blocked sockets: the same events by plain HTTPS', async () => {
    const { seen } = join({ origin: 'http://127.0.0.1:9' }, [event(4), event(5)])
    await until(() => seen.length === 2)
    expect(seen).toEqual([4, 5])
  })

  test('into silence the socket goes first, and asks for its ticket when it is through', async () => {
    const asked: string[] = []
    const rest = new Rest({ fetch: ((input) => {
      asked.push(`${String(input)} by ${connections.length}`)
      return Promise.resolve(new Response(JSON.stringify({ ticket: 't9', expires_at: '' }), { status: 201 }))
    }) })
    let heard = 0
    const leave = reach.follow(() => { heard += 1 })
    reach.missed(Infinity)
    const { links } = join({ rest })
    expect(asked).toEqual([])
    await until(() => links.includes('up'))
    expect([heard, reach.silent, asked.length]).toEqual([1, false, 1])
    expect(connections[0]?.auth).toMatchObject({ ticket: 't9', lesson_id: 'l' })
    leave()
  })

  test('says that events still arrive only when plain HTTPS is answered', async () => {
    const told: boolean[] = []
    const onLink = (_link: unknown, polling: boolean) => told.push(polling)
    let reachable = false
    let asked = 0
    const rest = new Rest({
      fetch: ((input) => {
        if (!String(input).includes('/events')) return Promise.resolve(new Response(JSON.stringify({ ticket: 't', expires_at: '' }), { status: 201 }))
        asked += 1
        return reachable ? Promise.resolve(new Response(JSON.stringify({ events: [], seq: 3 }), { status: 200 })) : Promise.reject(new TypeError('away'))
      }),
    })
    join({ origin: 'http://127.0.0.1:9', rest, onLink })
    await until(() => asked > 0)
    expect(told).not.toContain(true)
    reachable = true
    await until(() => told.includes(true))
  }, 10_000) // a pause of three seconds lies between two questions
})
