/** 设备自检 and 转到备用 (docs/protocol.md, section 4): for the faces of staff and halls. */

import type { Part } from './model'
import { refusalOf, unreachable } from './problem'
import type { Rest } from './rest'

export const CHECKS = ['browser', 'camera', 'microphone', 'speaker', 'clock', 'uplink', 'line'] as const
export type CheckName = typeof CHECKS[number]
export type CheckResult = 'ok' | 'warn' | 'fail'
export type PreflightState = 'none' | 'running' | 'failed' | 'warned' | 'passed' | 'signed' | 'stale'
export type Value = boolean | number | string

export interface Check { name: CheckName, result: CheckResult, code: string, at: string, values: Readonly<Record<string, Value>> }

export interface Preflight {
  id: string
  lesson_venue_id: string
  state: PreflightState
  ran_at: string
  device: string
  client: string
  checks: Check[]
  missing: CheckName[]
  signed_at: string | null
  signed_by: string | null
  reason: string
}

/** What comes of a venue's room kit. No checks: it does not send, or was only looked at once. */
export interface Kit { sends: boolean, rehearses: boolean, checks: Check[] }

export interface Readiness {
  lesson_venue_id: string
  name: string
  part: Part
  seats: number
  state: PreflightState
  /** Another venue's id, or `phone`. */
  fallback: string | null
  preflight: Preflight | null
  /** Null: it has none. */
  kit: Kit | null
}

export interface Failover {
  id: string
  lesson_venue_id: string
  name: string
  target: string | null
  target_name: string
  at: string
  by: string
  bridge_minutes: number
  moved: number
  signed_in: number
  arriving: number
  undone_at: string | null
  undone_by: string | null
}

/** `target` null: their phones. */
export interface FailoverChoice { target: string | null, name: string, online: boolean, seats: number | null, there: number, fits: boolean }
export interface FailoverPreview { lesson_venue_id: string, name: string, waiting: number, signed_in: number, fallback: string | null, choices: FailoverChoice[] }

/** What a room kit sends shows all of these at once. */
export const FROM_KIT: readonly CheckName[] = ['camera', 'microphone', 'uplink', 'line']

/** Not ready, and nobody has signed for it. */
export const troubled = (one: Readiness) => one.state === 'failed' || one.state === 'stale'

/** The worst first: what failed, what warns. */
export function findingsOf(preflight: Preflight | null): Check[] {
  const order: readonly CheckResult[] = ['fail', 'warn']
  return order.flatMap(result => preflight?.checks.filter(one => one.result === result) ?? [])
}

/** In a word, and what is wrong with what comes. */
export function kitOf(kit: Kit): { state: 'away' | 'looking' | 'good' | 'bad', wrong: Check[] } {
  if (!kit.sends) return { state: 'away', wrong: [] }
  const wrong = kit.checks.filter(one => one.result !== 'ok')
  return { state: kit.checks.length === 0 ? 'looking' : wrong.length ? 'bad' : 'good', wrong }
}

/** Where the people go unless the director says otherwise: the plan's choice, else their phones. */
export function proposedOf(preview: FailoverPreview): FailoverChoice | null {
  const planned = preview.fallback === 'phone' ? null : preview.fallback
  return preview.choices.find(one => one.target === planned) ?? preview.choices.at(-1) ?? null
}

const path = (id: string, rest: string) => `/api/v1/lessons/${id}/${rest}`

export class ReadinessCalls {
  constructor(private readonly rest: Rest) {}

  venues = async (id: string) => (await this.rest.json<{ items: Readiness[] }>('GET', path(id, 'preflights'))).items
  begin = (id: string, device: string, client: string) => this.rest.command<Preflight>(path(id, 'preflights'), { device, client })
  found = (id: string, preflight: string, name: CheckName, values: Record<string, Value>) =>
    this.rest.json<Preflight>('POST', path(id, `preflights/${preflight}/checks`), { body: { name, values } })

  clock = (id: string, preflight: string, at: string) =>
    this.rest.json<Preflight>('POST', path(id, `preflights/${preflight}/clock`), { body: { client_at: at } })

  /** Not by `rest`, which speaks JSON. The server times what comes. */
  async uplink(id: string, preflight: string, bytes: Blob): Promise<Preflight> {
    const headers = { 'Content-Type': 'application/octet-stream', 'Accept': 'application/json' }
    const response = await fetch(path(id, `preflights/${preflight}/uplink`), { method: 'POST', headers, body: bytes, credentials: 'same-origin', cache: 'no-store' })
      .catch(() => { throw unreachable() })
    if (!response.ok) throw await refusalOf(response)
    return await response.json() as Preflight
  }

  line = async (id: string, preflight: string, offer: string) =>
    (await this.rest.json<{ answer: string }>('POST', path(id, `preflights/${preflight}/line`), { body: { offer } })).answer

  /** Of a room kit, which sends without this page: what arrives of it now. */
  source = (id: string, preflight: string) => this.rest.json<Preflight>('POST', path(id, `preflights/${preflight}/source`))
  lineResult = (id: string, preflight: string) => this.rest.json<Preflight>('POST', path(id, `preflights/${preflight}/line/result`))
  sign = (id: string, preflight: string, name: string, reason: string) =>
    this.rest.command<Preflight>(path(id, `preflights/${preflight}/sign`), { name, reason })

  devices = (id: string, device: string) => this.rest.json<Readiness>('POST', path(id, 'devices'), { body: { device } })
  fallback = (id: string, venue: string, fallback: string | null) =>
    this.rest.command<Readiness>(path(id, 'fallbacks'), { lesson_venue_id: venue, fallback })

  failovers = async (id: string) => (await this.rest.json<{ items: Failover[] }>('GET', path(id, 'failovers'))).items
  preview = (id: string, venue: string) => this.rest.json<FailoverPreview>('GET', `${path(id, 'failover-preview')}?venue=${venue}`)
  failOver = (id: string, venue: string, target: string | null) =>
    this.rest.command<Failover>(path(id, 'failovers'), { lesson_venue_id: venue, target })

  restore = (id: string, failover: string) => this.rest.command<Failover>(path(id, `failovers/${failover}/restore`), {})
  arrived = (id: string, venue: string | null) =>
    this.rest.command<{ arrived: number }>(path(id, 'arrivals'), venue ? { lesson_venue_id: venue } : {})
}
