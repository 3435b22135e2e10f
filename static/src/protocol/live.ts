/**
 * A lesson's events and stage as they happen: Socket.IO first, long polling when sockets are blocked.
 * Order and losses are decided in sequence.ts, dialling in reconnect.ts.
 */

import { io, type Socket } from 'socket.io-client'
import { monotonicMs, wallMs } from '@/clock'
import { Keeper, type Connection, type Report } from './keeper'
import type { SignalCounts } from './inquiries'
import type { AnswerReceipt, Board, Face, LessonLogEvent, QuizCount, Stage } from './model'
import { isProblem, Refusal, unreachable } from './problem'
import { reach } from './reach'
import { SOCKET_POLICY, type Link } from './reconnect'
import type { Rest } from './rest'
import { caughtUp, gaveUp, leapt, pushed, resync, sequenceFrom, type Sequence, type SequenceStep } from './sequence'

const BEAT_MS = 15_000
const ACK_MS = 8_000
/** Media stopped: the socket is asked whether it hears anybody, and has less time to answer. */
const PROBE_ACK_MS = 2_500
/** After a return the clock is known and somebody has just answered: beats of a hall that came back at once come apart. */
const LEAST_SHARE = 0.3
/** An answer is urgent: without an ack by then it goes another way, under the same id. */
const ANSWER_ACK_MS = 3_000
/** Failed dials before the same truth is fetched by plain HTTPS. */
const POLL_AFTER_ATTEMPTS = 2
const POLL_WAIT_SECONDS = 25
const POLL_PAUSE_MS = 3_000
/** Into silence: each such question may take one of the browser's few connections with it. */
const POLL_SILENT_MS = 12_000
/** An answer is late by then. */
const POLL_LATE_MS = 5_000
/** Snapshots could not be read: tried again after this. */
const SNAPSHOT_PAUSE_MS = 2_000

interface Page { events: LessonLogEvent[], seq: number, behind?: boolean }

export interface LiveWish {
  rest: Rest
  lessonId: string
  face: Face
  since: number
  onEvent: (event: LessonLogEvent) => void
  /** More than a page was missed: read everything anew, and say from which seq on the events matter. Throws: try again. */
  onBehind?: () => Promise<number>
  onStage: (stage: Stage) => void
  /** Staff, venue screens and the big board only. */
  onBoard?: (board: Board) => void
  /** Staff and venue screens only. */
  onQuizCount?: (count: QuizCount) => void
  /** How many are behind each inquiry that is shown. */
  /** Staff only. */
  onSignals?: (counts: SignalCounts) => void
  /** `polling`: no socket, yet events arrive, only slower. Without any answer it is false. */
  onLink: (link: Link, polling: boolean) => void
  /** Server time minus this device's wall clock, in milliseconds. */
  onClock: (offsetMs: number) => void
  /** Where the server is; default: the page's own origin. */
  origin?: string
}

export class Live {
  private sequence: Sequence
  private socket: Socket | null = null
  /** For the next dials, by a beat: without it each return asks for one over a connection of its own. */
  private kept: string | null = null
  private polling: AbortController | null = null
  /** It came through, and was not told yet what it missed. */
  private untold = false
  /** A socket came through once. */
  private joined = false
  /** The last question by plain HTTPS was answered. */
  private polled = false
  private check: (ackMs: number) => Promise<void> = () => Promise.resolve()
  private readonly keeper: Keeper

  constructor(private readonly wish: LiveWish) {
    this.sequence = sequenceFrom(wish.since)
    this.keeper = new Keeper((report, attempt, signal) => this.dial(report, attempt, signal), SOCKET_POLICY, (link) => {
      if (link.name === 'up' || link.name === 'refused' || link.name === 'closed') this.stopPolling()
      wish.onLink(link, this.polled)
    })
  }

  start(): void {
    for (const name of SIGHTS) globalThis.document?.addEventListener(name, this.onSight)
    this.keeper.start()
  }

  retry(): void {
    this.keeper.retry()
  }

  /** Whether anybody is there, now: media has stopped. */
  probe(): void {
    if (this.up) void this.check(PROBE_ACK_MS)
  }

  /** A page that was put away heard nothing of what its network did. */
  private readonly onSight = () => {
    this.probe()
    if (!putAway()) this.keeper.hurry()
  }

  get up(): boolean {
    return this.keeper.state.name === 'up'
  }

  /** A quiz answer over the socket. Throws the server's refusal, or `unreachable` when no ack came in time. */
  async answer(quizId: string, commandId: string, choice: readonly string[], nth = 1): Promise<AnswerReceipt> {
    if (!this.up || !this.socket) throw unreachable()
    let said: unknown
    try {
      said = await this.socket.timeout(ANSWER_ACK_MS).emitWithAck('answer', { quiz_id: quizId, command_id: commandId, choice, nth })
    } catch {
      throw unreachable()
    }
    if (isProblem(said)) throw new Refusal({ ...said, status: statusOf(said.code) })
    return said as AnswerReceipt
  }

  /** Idempotent. */
  stop(): void {
    for (const name of SIGHTS) globalThis.document?.removeEventListener(name, this.onSight)
    this.keeper.stop()
    this.stopPolling()
    reach.forget()
  }

  /** Into silence the socket goes first and asks for its ticket when it is through (reach.ts says why). */
  private async dial(report: Report, attempt: number, signal: AbortSignal): Promise<Connection> {
    if (attempt > POLL_AFTER_ATTEMPTS && !this.onlyAway) this.startPolling()
    const sinceMs = monotonicMs()
    signal.addEventListener('abort', () => { if (monotonicMs() - sinceMs >= SOCKET_POLICY.connectMs) reach.missed(sinceMs) }, { once: true })
    const ticket = this.kept ?? (reach.silent ? null : await this.ticket(signal))
    if (signal.aborted) throw new DOMException('', 'AbortError')
    const socket = io(`${this.wish.origin ?? ''}/live`, {
      path: '/socket.io/', transports: ['websocket'], reconnection: false, forceNew: true, autoConnect: false,
    })
    this.socket = socket
    this.listen(socket, report)
    try {
      await this.connect(socket, ticket, signal)
    } catch (error) {
      socket.disconnect()
      throw error
    }
    this.check = async (ackMs) => { if (!await this.beat(socket, ackMs)) report({ type: 'failed' }) }
    let beat: ReturnType<typeof setTimeout>
    const beatOn = (afterMs: number) => {
      beat = setTimeout(() => { void this.check(ACK_MS); beatOn(BEAT_MS) }, afterMs)
    }
    const asking = setTimeout(() => { if (this.untold) this.advance(resync(gaveUp(this.sequence))) }, ACK_MS)
    if (this.kept === null) void this.check(ACK_MS)
    beatOn(this.kept === null ? BEAT_MS : BEAT_MS * (LEAST_SHARE + (1 - LEAST_SHARE) * Math.random()))
    report({ type: 'connected' })
    return { close: () => { clearTimeout(beat); clearTimeout(asking); socket.removeAllListeners(); socket.disconnect() } }
  }

  /** Sockets work here, it is the network that does not: plain HTTPS finds out later than they do, and takes connections. */
  private get onlyAway(): boolean {
    return reach.silent && this.joined
  }

  private ticket = async (signal: AbortSignal) => (await this.wish.rest.socketTicket(this.wish.lessonId, signal)).ticket

  /** Resolves when the lesson is joined; a refusal of the server becomes a Refusal. */
  private connect(socket: Socket, kept: string | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => { reject(new DOMException('', 'AbortError')) }, { once: true })
      socket.once('connect', () => {
        this.joined = true
        // What is pushed waits until it is told what was missed; nothing may come in between.
        this.sequence = resync(gaveUp(this.sequence)).sequence
        this.untold = true
        resolve()
      })
      socket.once('connect_error', (error: Error & { data?: unknown }) => {
        if (isProblem(error.data) && !PASSING_CODES.includes(error.data.code)) this.kept = null
        reject(isProblem(error.data) ? new Refusal({ status: statusOf(error.data.code), ...error.data }) : error)
      })
      socket.auth = (join) => {
        reach.heard(monotonicMs())
        const since = { lesson_id: this.wish.lessonId, since: this.sequence.seen, face: this.wish.face, batch: true, catch_up: true, hidden: putAway() }
        Promise.resolve(kept ?? this.ticket(signal)).then((ticket) => { join({ ticket, ...since }) }, reject)
      }
      socket.connect()
    })
  }

  private listen(socket: Socket, report: Report): void {
    socket.on('event', (event: LessonLogEvent) => { this.advance(pushed(this.sequence, event)) })
    socket.on('events', (events: LessonLogEvent[]) => { for (const event of events) this.advance(pushed(this.sequence, event)) })
    socket.on('stage', (stage: Stage) => { this.wish.onStage(stage) })
    socket.on('board', (board: Board) => { this.wish.onBoard?.(board) })
    socket.on('quiz', (count: QuizCount) => { this.wish.onQuizCount?.(count) })
    socket.on('signals', (counts: SignalCounts) => { this.wish.onSignals?.(counts) })
    socket.on('caught_up', (page: Page) => { if (this.untold) { this.untold = false; this.take(socket, page) } })
    socket.on('resync', () => { this.advance(resync(this.sequence)) })
    // Whatever the reason, the next ticket tells the truth: a login that ended leads to the login page, a lost right is refused.
    socket.on('bye', (bye: { code?: string, retry_after_ms?: number }) => {
      if (bye.code !== 'draining') this.kept = null
      report({ type: 'moved', delayMs: bye.code === 'not_logged_in' ? 0 : bye.retry_after_ms ?? 1_000 })
    })
    socket.on('disconnect', () => { report({ type: 'failed' }) })
  }

  /** False when nobody answered: a socket over a dead network says nothing by itself for most of a minute. */
  private async beat(socket: Socket, ackMs: number): Promise<boolean> {
    const before = monotonicMs()
    const answer = await ask<{ server_time: string, ticket?: string }>(socket, 'beat', { ticket: this.kept === null, hidden: putAway() }, ackMs)
    if (answer === 'silence' && monotonicMs() - before >= ackMs) reach.missed(before) // and not hung up meanwhile
    if (typeof answer === 'string') return answer === 'refused'
    reach.heard(monotonicMs())
    this.kept = answer.ticket ?? this.kept
    const roundTrip = monotonicMs() - before
    const server = Date.parse(answer.server_time)
    if (!Number.isNaN(server)) this.wish.onClock(server + roundTrip / 2 - wallMs())
    return true
  }

  private advance(result: SequenceStep): void {
    this.sequence = result.sequence
    for (const event of result.deliver) this.wish.onEvent(event)
    if (result.askSince !== null && this.socket) void this.askSince(this.socket, result.askSince)
  }

  private async askSince(socket: Socket, seq: number): Promise<void> {
    const answer = await ask<Page>(socket, 'since', { seq, snapshot: true })
    if (socket !== this.socket) return
    if (typeof answer !== 'object') this.sequence = gaveUp(this.sequence)
    else this.take(socket, answer)
  }

  /** What was missed; from here on pushes are delivered as they come. */
  private take(socket: Socket, page: Page): void {
    if (page.behind) void this.leap(() => socket === this.socket && socket.connected)
    else this.advance(caughtUp(this.sequence, page.events, page.seq))
  }

  /** What is pushed meanwhile waits. */
  private async leap(wanted: () => boolean): Promise<void> {
    while (wanted()) {
      const seq = await this.wish.onBehind?.().catch(() => null) ?? null
      if (!wanted()) return
      if (seq !== null) { this.advance(leapt(this.sequence, seq)); return }
      await pause(SNAPSHOT_PAUSE_MS)
    }
  }

  private async leapPolling(signal: AbortSignal): Promise<void> {
    const seq = await this.wish.onBehind?.().catch(() => null) ?? null
    if (signal.aborted) return
    if (seq === null) await pause(SNAPSHOT_PAUSE_MS)
    else this.sequence = gaveUp(leapt(this.sequence, seq).sequence)
  }

  private startPolling(): void {
    if (this.polling) return
    const abort = new AbortController()
    this.polling = abort
    void this.poll(abort.signal)
  }

  private stopPolling(): void {
    this.polling?.abort()
    this.polling = null
    this.polled = false
  }

  private notePolled(now: boolean): void {
    if (now === this.polled) return
    this.polled = now
    this.wish.onLink(this.keeper.state, now)
  }

  private async poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // The first question is not held open: whether anybody answers is known at once.
        const answer = await this.ask(this.polled ? POLL_WAIT_SECONDS : 0, signal)
        if (signal.aborted) return
        this.notePolled(true)
        if (answer.behind) { await this.leapPolling(signal); continue }
        this.advance(caughtUp(this.sequence, answer.events, answer.seq))
        // The server holds the question open; a proxy that does not must not make us ask without end.
        if (answer.events.length === 0) await pause(POLL_PAUSE_MS / 3)
      } catch {
        if (!signal.aborted) this.notePolled(false)
        if (this.onlyAway) this.stopPolling()
        await pause(reach.silent ? POLL_SILENT_MS : POLL_PAUSE_MS)
      }
    }
  }

  /** What happened since, held open for so long when nothing did. */
  private async ask(waitSeconds: number, signal: AbortSignal): Promise<Page> {
    const late = new AbortController()
    const stop = () => { late.abort() }
    signal.addEventListener('abort', stop)
    const timer = setTimeout(stop, waitSeconds * 1000 + POLL_LATE_MS)
    try {
      return await this.wish.rest.events(this.wish.lessonId, this.sequence.seen, waitSeconds, late.signal)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }
}

/** When that may have changed. */
export const SIGHTS = ['visibilitychange', 'enterpictureinpicture', 'leavepictureinpicture']
/** Another page or app is in front; its picture in a window of its own is in sight. */
export const putAway = () => Boolean(globalThis.document?.hidden && !globalThis.document.pictureInPictureElement)

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

const PASSING_CODES: readonly string[] = ['draining', 'too_fast', 'busy', 'unavailable', 'internal']

/** Problems on the socket carry no status. A ticket that ran out on the way is worth another try; a missing right is not. */
function statusOf(code: string): number {
  return code.startsWith('ticket_') || PASSING_CODES.includes(code) ? 503 : 403
}

async function ask<T extends object>(socket: Socket, event: string, payload: object, ackMs = ACK_MS): Promise<T | 'refused' | 'silence'> {
  try {
    const answer = await socket.timeout(ackMs).emitWithAck(event, payload) as unknown
    return isProblem(answer) ? 'refused' : answer as T
  } catch {
    return 'silence'
  }
}
