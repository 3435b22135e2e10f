/** Typed client of the REST part (docs/protocol.md, sections 2 to 4 and 7). No retries that could act twice. */

import { monotonicMs } from '@/clock'
import type { Credit, CreditEntry, CreditRule, CreditRuleDraft, EntryCorrection, Review, ReviewState, Verdict, VerdictQuery } from './credit'
import type {
  AnswerReceipt, Assignments, AssignmentsDraft, Attendance, Board, Hand, Hands, Info, Lecturer, Lesson,
  LessonDraft, LessonEvent, LessonLogEvent, LessonState, Me, Page, Playlists, Question, QuestionDraft, Quiz, Recording, RosterItem, RosterQuery, SignIn, SignInProof, SignInWish, SlotName, SocketTicket, Stage, Ticket, Unit, Venue,
  VenueCodes,
} from './model'
import { Refusal, refusalOf, unreachable } from './problem'
import type { Reach } from './reach'

const PAGE_LIMIT = 200
const MAX_PAGES = 50 // a list of more than 10,000 rows is a bug of the caller, not a reason to go on for ever
const COMMAND_ATTEMPTS = 3
/** So long an answer is waited for by whoever has no limit of his own, to its last byte; what changes much takes longer. */
const READ_MS = 20_000
const CHANGE_MS = 60_000
/** An answer is a few bytes and sent again: in a black hole no attempt may use up the question's time. */
const ANSWER_MS = 8_000

export type TicketWish =
  | { use: 'publish', source: string, client_id: string, replace: boolean }
  | { use: 'watch', view: string, client_id: string }

export interface Versioned<T> { value: T, etag: string }

export interface RestOptions {
  fetch?: typeof globalThis.fetch
  newId?: () => string
  /** Waits between attempts of a command. */
  pause?: (ms: number) => Promise<void>
  /** Told of every `401 not_logged_in`, so that the app can ask for the password again. */
  onLoggedOut?: () => void
}

interface Call { body?: unknown, etag?: string, signal?: AbortSignal | undefined, keepalive?: boolean, limitMs?: number }

export class Rest {
  private readonly fetch: typeof globalThis.fetch
  private readonly newId: () => string
  private readonly pause: (ms: number) => Promise<void>
  private readonly onLoggedOut: () => void

  constructor(options: RestOptions = {}) {
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
    this.newId = options.newId ?? randomId
    this.pause = options.pause ?? (ms => new Promise(resolve => setTimeout(resolve, ms)))
    this.onLoggedOut = options.onLoggedOut ?? (() => undefined)
  }

  /** Told of every answer; into its silence nothing is asked that is only read. For pages that find out when it ends. */
  reach: Pick<Reach, 'silent' | 'heard'> | null = null

  /** Whether somebody is at the page: asking by itself keeps no login. */
  attended: () => boolean = () => true

  info = () => this.json<Info>('GET', '/api/v1/info')
  login = (number: string, password: string, second?: string) => this.json<Me>('POST', '/api/v1/session', { body: { number, password, ...(second ? { second } : {}) } })
  me = () => this.json<Me>('GET', '/api/v1/session')
  logout = () => this.json<undefined>('DELETE', '/api/v1/session')

  units = () => this.all<Unit>('/api/v1/units')
  venues = () => this.all<Venue>('/api/v1/venues')
  lecturers = () => this.all<Lecturer>('/api/v1/lecturers')

  lessons = (state?: LessonState, narrowed: Record<string, string> = {}) => this.all<Lesson>('/api/v1/lessons', { ...narrowed, ...(state ? { state } : {}) })
  lesson = (id: string) => this.json<Lesson>('GET', `/api/v1/lessons/${id}`)
  stage = (id: string) => this.json<Stage>('GET', `/api/v1/lessons/${id}/stage`)
  createLesson = (draft: LessonDraft) => this.command<Lesson>('/api/v1/lessons', { ...draft })

  /** With its ETag, to be given back to {@link changeLesson}. */
  async lessonForChange(id: string): Promise<Versioned<Lesson>> {
    return await this.send('GET', `/api/v1/lessons/${id}`, {}, async response =>
      ({ value: await response.json() as Lesson, etag: response.headers.get('ETag') ?? '' }))
  }

  changeLesson = (id: string, draft: LessonDraft, etag: string) =>
    this.json<Lesson>('PATCH', `/api/v1/lessons/${id}`, { body: { command_id: this.newId(), ...draft }, etag })

  transition = (id: string, event: LessonEvent) => this.command<Lesson>(`/api/v1/lessons/${id}/transitions`, { event })
  take = (id: string, slot: SlotName, source: string | null) =>
    this.command<Stage>(`/api/v1/lessons/${id}/take`, { slot, source })

  openAudio = (id: string, source: string, opened: boolean) =>
    this.command<Stage>(`/api/v1/lessons/${id}/audio`, { source, opened })

  muteAll = (id: string) => this.command<Stage>(`/api/v1/lessons/${id}/mute-all`, {})
  record = (id: string, action: 'pause' | 'resume') =>
    this.command<Stage>(`/api/v1/lessons/${id}/recording`, { action })

  venueMicrophone = (id: string, microphone: 'muted' | 'ready') =>
    this.command<Stage>(`/api/v1/lessons/${id}/venue`, { microphone })

  events = (id: string, since: number, waitSeconds: number, signal?: AbortSignal) =>
    this.json<{ events: LessonLogEvent[], seq: number, behind?: boolean }>(
      'GET', `/api/v1/lessons/${id}/events?since=${since}&wait=${waitSeconds}&snapshot=true`, { signal })

  /** The newest `last` of these nouns (what stands before a kind's point). */
  latestEvents = (id: string, last: number, nouns: readonly string[]) =>
    this.json<{ events: LessonLogEvent[], seq: number }>('GET', `/api/v1/lessons/${id}/events?last=${last}&nouns=${nouns.join(',')}`)

  ticket = (id: string, wish: TicketWish, signal?: AbortSignal) =>
    this.json<Ticket>('POST', `/api/v1/lessons/${id}/tickets`, { body: wish, signal })

  socketTicket = (lessonId: string, signal?: AbortSignal) =>
    this.json<SocketTicket>('POST', '/api/v1/socket-ticket', { body: { lesson_id: lessonId }, signal })

  livePlaylists = (id: string, signal?: AbortSignal) =>
    this.json<Playlists>('POST', `/api/v1/lessons/${id}/hls`, { body: {}, signal })
  recordings = (lessonId?: string) => this.all<Recording>('/api/v1/recordings', lessonId ? { lesson_id: lessonId } : {})
  recording = (id: string) => this.json<Recording>('GET', `/api/v1/recordings/${id}`)
  /** One page of those that are searched for; empty words are not. */
  archive = (query: Record<string, string | undefined>, limit: number, cursor: string | null = null) =>
    this.json<Page<Recording>>('GET', `/api/v1/recordings?${search({ ...Object.fromEntries(Object.entries(query).filter((one): one is [string, string] => Boolean(one[1]))), limit: String(limit), ...(cursor ? { cursor } : {}) })}`)

  play = (id: string) => this.json<Playlists>('POST', `/api/v1/recordings/${id}/play`, { body: {} })

  // Roster, sign-in, board

  assignments = (id: string) => this.json<Assignments>('GET', `/api/v1/lessons/${id}/assignments`)
  assign = (id: string, draft: AssignmentsDraft) =>
    this.command<Assignments>(`/api/v1/lessons/${id}/assignments`, { ...draft }, 'PUT')

  roster = (id: string, query: RosterQuery = {}) =>
    this.all<RosterItem>(`/api/v1/lessons/${id}/roster`, { ...query })

  /** One page only: a list of thousands is shown as far as somebody scrolls. */
  rosterPage = (id: string, query: RosterQuery, limit: number, cursor: string | null = null) =>
    this.json<Page<RosterItem>>('GET', `/api/v1/lessons/${id}/roster?${search({ ...query, limit: String(limit), ...(cursor ? { cursor } : {}) })}`)

  addToRoster = (id: string, entry: { member_id?: string, number?: string, lesson_venue_id: string | null, reason: string }) =>
    this.command<RosterItem>(`/api/v1/lessons/${id}/roster`, { ...entry })

  /** `venue`: a lesson_venue_id; a venue's own machine may leave it out. */
  signInCode = (id: string, venue?: string) =>
    this.json<VenueCodes>('GET', `/api/v1/lessons/${id}/sign-in-code${venue ? `?${search({ venue })}` : ''}`)

  proof = () => this.json<SignInProof>('GET', '/api/v1/sign-in')
  signInByProof = (elsewhere = false) => this.command<SignIn>('/api/v1/sign-in', { elsewhere })
  signIn = (id: string, wish: SignInWish) => this.command<SignIn>(`/api/v1/lessons/${id}/sign-in`, { ...wish })
  assistSignIn = (id: string, memberId: string, lessonVenueId?: string | null, reason?: string) =>
    this.command<SignIn>(`/api/v1/lessons/${id}/assisted-sign-ins`,
      { member_id: memberId, ...(lessonVenueId === undefined ? {} : { lesson_venue_id: lessonVenueId }), ...(reason ? { reason } : {}) })

  /** `left` false takes the mark back. */
  markLeft = (id: string, memberId: string, left = true) => this.command<SignIn>(`/api/v1/lessons/${id}/departures`, { member_id: memberId, left })
  attendance = (id: string) => this.json<Attendance>('GET', `/api/v1/lessons/${id}/attendance`)
  board = (id: string) => this.json<Board>('GET', `/api/v1/lessons/${id}/board`)

  // Quizzes

  questions = async (id: string) => (await this.json<{ items: Question[] }>('GET', `/api/v1/lessons/${id}/questions`)).items
  createQuestion = (id: string, draft: QuestionDraft) => this.command<Question>(`/api/v1/lessons/${id}/questions`, { ...draft })
  changeQuestion = (question: Question, draft: Partial<QuestionDraft>) =>
    this.json<Question>('PATCH', `/api/v1/questions/${question.id}`,
      { body: { command_id: this.newId(), ...draft, bare: draft.picture === null }, etag: `"${question.version}"` })

  deleteQuestion = (question: Question) =>
    this.json<undefined>('DELETE', `/api/v1/questions/${question.id}`, { etag: `"${question.version}"` })

  quizzes = async (id: string) => (await this.json<{ items: Quiz[] }>('GET', `/api/v1/lessons/${id}/quizzes`)).items
  launchQuiz = (id: string, questionId: string, keep: 'first' | 'last' = 'first') =>
    this.command<Quiz>(`/api/v1/lessons/${id}/quizzes`, { question_id: questionId, keep })

  launchPaper = (id: string, paper: { question_ids: string[], seconds: number, mix_questions: boolean, mix_options: boolean, keep: 'first' | 'last', grace_ms: number }) =>
    this.command<{ id: string, items: Quiz[] }>(`/api/v1/lessons/${id}/paper-runs`, paper)

  /** 交卷: of the paper that this question is in. Twice is once. */
  handIn = (quizId: string) => this.json<{ run_id: string, round: number, at: string }>('POST', `/api/v1/quizzes/${quizId}/hand-in`, { body: {} })
  pauseQuiz = (quizId: string) => this.command<Quiz>(`/api/v1/quizzes/${quizId}/pause`, {})
  resumeQuiz = (quizId: string) => this.command<Quiz>(`/api/v1/quizzes/${quizId}/resume`, {})
  extendQuiz = (quizId: string, seconds: number) => this.command<Quiz>(`/api/v1/quizzes/${quizId}/extension`, { seconds })
  reopenQuiz = (quizId: string, seconds: number, reason: string) => this.command<Quiz>(`/api/v1/quizzes/${quizId}/reopening`, { seconds, reason })

  closeQuiz = (quizId: string) => this.command<Quiz>(`/api/v1/quizzes/${quizId}/close`, {})

  /** One attempt under the caller's id: who calls decides about the next one (answering.ts). */
  answer = (quizId: string, commandId: string, choice: readonly string[], nth = 1) =>
    this.json<AnswerReceipt>('POST', `/api/v1/quizzes/${quizId}/answer`, { body: { command_id: commandId, choice, nth }, limitMs: ANSWER_MS })

  // Hands

  hands = (id: string) => this.json<Hands>('GET', `/api/v1/lessons/${id}/hands`)
  raiseHand = (id: string, topic: string) => this.command<Hand>(`/api/v1/lessons/${id}/hands`, { topic })
  nextHand = (id: string) => this.command<Hand>(`/api/v1/lessons/${id}/hands/next`, {})
  lowerAllHands = (id: string) => this.command<Hands>(`/api/v1/lessons/${id}/hands/lower-all`, {})
  stepHand = (handId: string, step: 'withdraw' | 'take' | 'lower' | 'finish') => this.command<Hand>(`/api/v1/hands/${handId}/${step}`, {})

  // Credit

  creditRules = () => this.all<CreditRule>('/api/v1/credit-rules')
  createCreditRule = (draft: CreditRuleDraft) => this.command<CreditRule>('/api/v1/credit-rules', { ...draft })
  verdicts = (id: string, query: VerdictQuery = {}) =>
    this.all<Verdict>(`/api/v1/lessons/${id}/verdicts`, { ...query })

  verdictsPage = (id: string, query: VerdictQuery, limit: number, cursor: string | null = null) =>
    this.json<Page<Verdict>>('GET', `/api/v1/lessons/${id}/verdicts?${search({ ...query, limit: String(limit), ...(cursor ? { cursor } : {}) })}`)

  verdict = (id: string, member = '') => this.json<Verdict>('GET', `/api/v1${member && `/members/${member}`}/lessons/${id}/verdict`)
  credit = (year?: number) => this.json<Credit>('GET', `/api/v1/credit${year === undefined ? '' : `?year=${year}`}`)
  correctEntry = (id: string, correction: EntryCorrection) => this.command<CreditEntry>(`/api/v1/credit-entries/${id}/correction`, { ...correction })
  askReview = (id: string, text: string) => this.command<Review>(`/api/v1/lessons/${id}/reviews`, { text })
  reviews = (state?: ReviewState) => this.all<Review>('/api/v1/reviews', state ? { state } : {})
  decideReview = (reviewId: string, grant: boolean, answer: string) =>
    this.command<Review>(`/api/v1/reviews/${reviewId}/decision`, { grant, answer })

  /** Follows the cursor to the end. */
  private async all<T>(path: string, query: Record<string, string | undefined> = {}): Promise<T[]> {
    const items: T[] = []
    let cursor: string | null = null
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const asked = search({ ...query, limit: String(PAGE_LIMIT), ...(cursor ? { cursor } : {}) })
      const answer: Page<T> = await this.json<Page<T>>('GET', `${path}?${asked}`)
      items.push(...answer.items)
      cursor = answer.next_cursor ?? null
      if (cursor === null) break
    }
    return items
  }

  /** A command keeps its id over retries, so an answer that got lost on the way cannot make it happen twice. */
  async command<T>(path: string, body: Record<string, unknown>, method: 'POST' | 'PUT' = 'POST'): Promise<T> {
    const whole = { command_id: this.newId(), ...body }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.json<T>(method, path, { body: whole })
      } catch (error) {
        const again = error instanceof Refusal && (error.status === 0 || error.status === 503)
        if (!again || attempt >= COMMAND_ATTEMPTS) throw error
        await this.pause(error.retryAfterMs ?? 400 * attempt)
      }
    }
  }

  /** For nouns whose calls stand in a module of their own, outside of the first page. */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    return await this.send(method, path, call, async response => (response.status === 204 ? undefined : await response.json()) as T)
  }

  private async send<T>(method: string, path: string, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    if (method === 'GET' && !call.signal && this.reach?.silent) throw unreachable()
    const limit = call.signal ? null : new AbortController()
    const timer = limit ? setTimeout(() => { limit.abort() }, call.limitMs ?? (method === 'GET' ? READ_MS : CHANGE_MS)) : undefined
    try {
      return await this.ask(method, path, call, call.signal ?? limit?.signal, read)
    } catch (error) {
      throw limit?.signal.aborted ? unreachable() : error
    } finally {
      clearTimeout(timer)
    }
  }

  private async ask<T>(method: string, path: string, call: Call, signal: AbortSignal | undefined, read: (response: Response) => Promise<T>): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (call.body !== undefined) headers['Content-Type'] = 'application/json'
    if (!this.attended()) headers['X-Unattended'] = '1'
    if (call.etag) headers['If-Match'] = call.etag
    const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
    if (call.body !== undefined) init.body = JSON.stringify(call.body)
    if (signal) init.signal = signal
    const response = await this.fetch(path, init).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      throw unreachable()
    })
    this.reach?.heard(monotonicMs())
    if (response.ok) return await read(response)
    const refusal = await refusalOf(response)
    if (refusal.code === 'not_logged_in') this.onLoggedOut()
    throw refusal
  }
}

/** A query string of what is there. */
function search(query: Record<string, string | undefined>): string {
  return new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)).toString()
}

/** A UUID also where `crypto.randomUUID` is missing (old webviews). */
export function randomId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
