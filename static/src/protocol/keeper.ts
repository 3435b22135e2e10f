/** The shell of reconnect.ts: owns one connection at a time and the timers, and lets the machine decide. */

import { monotonicMs } from '@/clock'
import { Refusal } from './problem'
import type { Reach } from './reach'
import { isHeldUp, nextTickMs, step, type Link, type LinkEvent, type LinkPolicy } from './reconnect'

export interface Connection {
  close: () => void
  /** By other addresses, with the same keys. Absent: only a new dial helps. */
  restart?: (signal: AbortSignal) => Promise<'restarted' | 'gone' | 'unreachable'>
}

/** What a dial reports about its connection, until it is closed. Late words of an older connection are ignored. */
export type Report = (event: LinkEvent & { type: 'connected' | 'disconnected' | 'failed' | 'moved' }) => void

/** `attempt` counts from 1 after each success. `signal` ends a dial that is no longer wanted. */
export type Dial = (report: Report, attempt: number, signal: AbortSignal) => Promise<Connection>

const RESTART_MS = 4_000
/** Whatever hung in the network that was is asked again, unless its answer comes so soon after the silence. */
const ANSWERED_MS = 250
/** While the server is silent whoever waits for it is told when it is heard, and asks by itself only so often. */
const HELD_MS = 30_000

/** The Network Information API, where there is one: a phone goes from Wi-Fi to its own line without a word of `online`.
 * `change` also tells of every new estimate of its speed, so the `type` has to differ (browsers of PCs know none). */
interface NetworkInformation extends EventTarget { readonly type?: string }

function networkOf(scope: typeof globalThis): NetworkInformation | undefined {
  return (scope.navigator as (Navigator & { connection?: NetworkInformation }) | undefined)?.connection
}

export class Keeper {
  private link: Link = { name: 'idle' }
  private connection: Connection | null = null
  private abort: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | null = null
  private generation = 0
  private restarting: AbortController | null = null
  private held = false
  private unfollow: () => void = () => undefined
  private readonly onNetwork = () => { this.tell({ type: 'network' }) }
  private networkType: string | undefined
  private readonly onInformation = () => {
    const before = this.networkType
    this.networkType = networkOf(globalThis)?.type
    if (this.networkType !== before) this.onNetwork()
  }

  /** Why the last dial was refused; null after a success. */
  refusal: Refusal | null = null

  constructor(
    private readonly dial: Dial,
    private readonly policy: LinkPolicy,
    private readonly onChange: (link: Link) => void,
    /** None: it finds out by itself whether the server is there, and others by it. */
    private readonly reach: Reach | null = null,
  ) {}

  get state(): Link {
    return this.link
  }

  start(): void {
    globalThis.addEventListener?.('online', this.onNetwork)
    this.networkType = networkOf(globalThis)?.type
    networkOf(globalThis)?.addEventListener?.('change', this.onInformation)
    this.unfollow = this.reach?.follow(() => { this.back() }, this.policy.urgent) ?? this.unfollow
    this.tell({ type: 'start' })
  }

  /** Dial again at once, also after a refusal. */
  retry(): void {
    this.tell({ type: 'now' })
  }

  /** The network is back: whoever waits for it need not. Who waits for a turn does, and who was refused stays so. */
  hurry(): void {
    if (isHeldUp(this.link)) this.back()
  }

  private back(): void {
    const { generation, restarting } = this
    const asking = restarting !== null || (this.link.name === 'dialling' && this.connection === null)
    if (!asking) { this.tell({ type: 'back' }); return }
    setTimeout(() => {
      if (generation !== this.generation || restarting !== this.restarting || (restarting === null && this.connection !== null)) return
      this.restarting?.abort()
      this.restarting = null
      this.tell({ type: 'back' })
    }, ANSWERED_MS)
  }

  /** The other end was replaced: dial anew after `delayMs`. */
  moved(delayMs: number): void {
    this.tell({ type: 'moved', delayMs })
  }

  /** Idempotent. */
  stop(): void {
    globalThis.removeEventListener?.('online', this.onNetwork)
    networkOf(globalThis)?.removeEventListener?.('change', this.onInformation)
    this.unfollow()
    this.tell({ type: 'stop' })
  }

  private tell(event: LinkEvent): void {
    const { link, effects } = step(this.link, event, monotonicMs(), this.policy, Math.random())
    const changed = link !== this.link
    this.link = link
    for (const effect of effects) {
      if (effect === 'restart') { void this.restart(); continue }
      this.hangUp()
      if (effect === 'dial') void this.run(link.name === 'dialling' ? link.attempt : 1)
    }
    this.schedule()
    if (changed) this.onChange(link)
  }

  private async run(attempt: number): Promise<void> {
    const generation = this.generation
    const abort = new AbortController()
    this.abort = abort
    const current = () => generation === this.generation
    try {
      const connection = await this.dial(event => { if (current()) this.tell(event) }, attempt, abort.signal)
      if (!current()) { connection.close(); return }
      this.connection = connection
      this.refusal = null
    } catch (error) {
      if (current()) this.refused(error)
    }
  }

  /** One at a time: what changes meanwhile shows in how it ends. */
  private async restart(): Promise<void> {
    const { generation, connection } = this
    if (this.restarting) return
    const abort = new AbortController()
    this.restarting = abort
    const timer = setTimeout(() => { abort.abort() }, RESTART_MS)
    const end = await (connection?.restart?.(abort.signal) ?? Promise.resolve('gone' as const)).catch(() => 'gone' as const)
    clearTimeout(timer)
    if (generation !== this.generation || this.restarting !== abort) return
    this.restarting = null
    this.tell(end === 'restarted' ? { type: 'restarted' } : { type: 'not-restarted', gone: end === 'gone' })
  }

  private refused(error: unknown): void {
    if (error instanceof Refusal) {
      this.refusal = error
      this.tell({ type: 'refused', code: error.code, passing: error.passing, retryAfterMs: error.retryAfterMs })
    } else {
      this.tell({ type: 'failed' })
    }
  }

  private hangUp(): void {
    this.generation += 1
    this.abort?.abort()
    this.abort = null
    this.restarting?.abort()
    this.restarting = null
    this.connection?.close()
    this.connection = null
  }

  private schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    const due = nextTickMs(this.link)
    this.held = false
    this.timer = due === null ? null : setTimeout(() => { this.due() }, Math.max(0, due - monotonicMs()) + 1)
  }

  private due(): void {
    if (!this.held && this.reach?.silent && isHeldUp(this.link)) {
      this.held = true
      this.timer = setTimeout(() => { this.due() }, HELD_MS)
      return
    }
    this.tell({ type: 'tick' })
  }
}
