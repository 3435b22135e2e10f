/**
 * When to dial, wait, and give up: a state machine without I/O. Time and chance are arguments.
 *
 * idle → dialling → up ⇄ shaky → waiting → dialling … ; `refused` waits for a person, `closed` is the end.
 * A shaky connection of media is restarted (RFC 9725, 4.3.3) and keeps its keys; it is dialled anew when it is gone.
 */

export interface LinkPolicy {
  /** A dial that is not connected by then has failed. */
  readonly connectMs: number
  /** The same for the first dial of who comes back in its turn, when a whole hall does: to give up then wastes what was done for it. */
  readonly turnMs?: number
  /** ICE says "disconnected", or a restart has been agreed: it may take this long to be connected. */
  readonly graceMs: number
  /** So long after the last word from us the other end still knows the connection; 0: it cannot be restarted. */
  readonly consentMs: number
  /** Waits before the next dials; the last one repeats. */
  readonly backoffMs: readonly number[]
  /** Longest wait after a dial that got no answer at all: it has spread the dials already, and the network may be back. */
  readonly unansweredMs?: number
  /** The same for a dial after one that failed at once: the host is there, its server begins, and everybody comes back. */
  readonly afterNoMs?: number
  /** Longest wait within the first minute. */
  readonly soonMs?: number
  /** What everybody watches: it goes before whatever else of the page comes back. */
  readonly urgent?: boolean
  /** ± this fraction, so that a hall full of phones does not dial at once. */
  readonly jitter: number
}

export const MEDIA_POLICY: LinkPolicy = {
  connectMs: 5_000, turnMs: 15_000, graceMs: 2_500, consentMs: 25_000, backoffMs: [300, 1_000, 2_000, 4_000, 8_000, 15_000], jitter: 0.25,
}
const UNANSWERED_PUBLISHER_MS = 2_000
/** A publisher: there are few. */
export const PUBLISH_POLICY: LinkPolicy = { ...MEDIA_POLICY, turnMs: MEDIA_POLICY.connectMs, unansweredMs: UNANSWERED_PUBLISHER_MS, urgent: true }
/** A watcher has live HLS meanwhile: a hall full of phones without UDP must not dial four times a minute for hours. */
export const WATCH_POLICY: LinkPolicy = { ...MEDIA_POLICY, backoffMs: [...MEDIA_POLICY.backoffMs, 30_000, 60_000] }
/** It is the first to notice that the network is back, and tells the others. */
export const SOCKET_POLICY: LinkPolicy = {
  connectMs: 4_000, graceMs: 0, consentMs: 0, backoffMs: [500, 1_000, 2_000, 4_000, 8_000, 15_000], unansweredMs: 250, soonMs: 3_000, jitter: 0.25,
  turnMs: 15_000, afterNoMs: 15_000,
}

export type Link =
  | { readonly name: 'idle' }
  | { readonly name: 'dialling', readonly attempt: number, readonly deadlineMs: number, readonly downSinceMs: number, readonly inTurn: boolean, readonly afterNo?: true }
  | { readonly name: 'up', readonly sinceMs: number }
  /** `restarts`: how many have failed for want of a network. `then`: what is due at `untilMs`. */
  | { readonly name: 'shaky', readonly untilMs: number, readonly downSinceMs: number, readonly restarts: number, readonly then: 'restart' | 'dial' }
  /** `no`: the dial before was answered, if only by a no. */
  | { readonly name: 'waiting', readonly attempt: number, readonly untilMs: number, readonly downSinceMs: number, readonly code: string | null, readonly no?: true }
  | { readonly name: 'refused', readonly code: string }
  | { readonly name: 'closed' }

export type LinkEvent =
  | { readonly type: 'start' }
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected' }
  | { readonly type: 'failed' }
  /** The server answered no. `passing`: a later try may succeed. */
  | { readonly type: 'refused', readonly code: string, readonly passing: boolean, readonly retryAfterMs: number | null }
  /** The other end was replaced or asked us to come back: dial anew, after this delay. */
  | { readonly type: 'moved', readonly delayMs: number }
  /** A person asked: don't wait any longer. */
  | { readonly type: 'now' }
  /** The device is in another network, or in one again: our addresses are others now. */
  | { readonly type: 'network' }
  /** The server was silent and is heard again: what was asked before hangs in the network that was. */
  | { readonly type: 'back' }
  /** The other end agreed to a restart: it is connected again within the grace, or never. */
  | { readonly type: 'restarted' }
  /** It did not: it no longer knows the connection (`gone`), or could not be asked. */
  | { readonly type: 'not-restarted', readonly gone: boolean }
  | { readonly type: 'tick' }
  | { readonly type: 'stop' }

/** `dial` implies that whatever was there before is hung up first; `restart` keeps it. */
export type LinkEffect = 'dial' | 'hang-up' | 'restart'

export interface LinkStep { readonly link: Link, readonly effects: readonly LinkEffect[] }

/** `chance` is uniform in [0, 1). An event that means nothing in a state changes nothing. */
// eslint-disable-next-line complexity -- one line per event: the table is the point
export function step(link: Link, event: LinkEvent, nowMs: number, policy: LinkPolicy, chance = 0.5): LinkStep {
  if (event.type === 'stop') return { link: { name: 'closed' }, effects: link.name === 'closed' ? [] : ['hang-up'] }
  if (link.name === 'closed') return stay(link)
  switch (event.type) {
    case 'start': return link.name === 'idle' ? dial(1, nowMs, nowMs, policy) : stay(link)
    case 'connected': return link.name === 'dialling' || link.name === 'shaky' ? up(nowMs) : stay(link)
    case 'disconnected': return link.name === 'up' ? shaky(nowMs, policy) : stay(link)
    case 'failed': return failed(link, nowMs, policy, chance)
    case 'refused': return refused(link, event, nowMs, policy, chance)
    case 'moved': return moved(link, event.delayMs, nowMs)
    case 'now': return now(link, nowMs, policy)
    case 'network': return network(link, nowMs, policy)
    case 'back': return back(link, nowMs, policy)
    case 'restarted': return link.name === 'shaky' ? { link: { ...link, untilMs: nowMs + policy.graceMs, then: 'dial' }, effects: [] } : stay(link)
    case 'not-restarted': return notRestarted(link, event.gone, nowMs, policy)
    case 'tick': return tick(link, nowMs, policy, chance)
  }
}

/** Of venues, desks and consoles: few, and whole rooms stand before them. */
export const SPREAD_MS = 600
const MOST_SPREAD_MS = 60_000

/**
 * How long to wait before dialling a media process that was replaced. What everybody watches and the archive records
 * comes back at once; a little chance keeps the venues off the air apart.
 */
export function returnDelayMs(onAir: boolean, chance: number): number {
  return onAir ? 0 : chance * SPREAD_MS
}

/** How long the server wants viewers to spread their return; what it does not say is the venues' own spread. */
export function spreadOf(data: Readonly<Record<string, unknown>>): number {
  const said = data['spread_ms']
  return typeof said === 'number' && said >= 0 ? Math.min(said, MOST_SPREAD_MS) : SPREAD_MS
}

/** When a tick is due next; null: never. */
export function nextTickMs(link: Link): number | null {
  if (link.name === 'dialling') return link.deadlineMs
  if (link.name === 'shaky' || link.name === 'waiting') return link.untilMs
  return null
}

/** Since when nothing arrives; null: it does, or nobody wants it to. */
export function downSince(link: Link): number | null {
  return link.name === 'dialling' || link.name === 'shaky' || link.name === 'waiting' ? link.downSinceMs : null
}

/** When the next dial is planned, of those who wait because the other end was replaced; else null. */
export function plannedMs(link: Link): number | null {
  return link.name === 'waiting' && link.attempt === 0 ? link.untilMs : null
}

/** It waits because something failed, and not for its turn. */
export const isHeldUp = (link: Link): boolean => link.name === 'shaky' || (link.name === 'waiting' && plannedMs(link) === null)

/** Nothing has arrived for so long that the slower way (live HLS) should take over. A refusal is no reason. */
export function fallbackDue(link: Link, nowMs: number, afterMs: number): boolean {
  const since = downSince(link)
  return since !== null && nowMs - since >= afterMs
}

const stay = (link: Link): LinkStep => ({ link, effects: [] })
const up = (nowMs: number): LinkStep => ({ link: { name: 'up', sinceMs: nowMs }, effects: [] })

function dial(attempt: number, downSinceMs: number, nowMs: number, policy: LinkPolicy, inTurn = false, afterNo = false): LinkStep {
  const connectMs = (inTurn ? policy.turnMs : afterNo ? policy.afterNoMs : undefined) ?? policy.connectMs
  return { link: { name: 'dialling', attempt, deadlineMs: nowMs + connectMs, downSinceMs, inTurn, ...(afterNo ? { afterNo } : {}) }, effects: ['dial'] }
}

/** A restart that is never answered is a dial once the other end must have forgotten us. */
function shaky(nowMs: number, policy: LinkPolicy): LinkStep {
  const restart = policy.consentMs > 0
  const untilMs = nowMs + (restart ? policy.consentMs : policy.graceMs)
  return { link: { name: 'shaky', untilMs, downSinceMs: nowMs, restarts: 0, then: 'dial' }, effects: restart ? ['restart'] : [] }
}

/** The way is dead for the browser; with other addresses there may be another one. */
function failed(link: Link, nowMs: number, policy: LinkPolicy, chance: number, no = true): LinkStep {
  if (link.name === 'dialling') return wait(link.attempt, link.downSinceMs, nowMs, policy, chance, null, null, no)
  if (link.name === 'shaky') return policy.consentMs > 0 ? stay(link) : dial(1, link.downSinceMs, nowMs, policy)
  if (link.name === 'up') return policy.consentMs > 0 ? shaky(nowMs, policy) : dial(1, nowMs, nowMs, policy)
  return stay(link)
}

function notRestarted(link: Link, gone: boolean, nowMs: number, policy: LinkPolicy): LinkStep {
  if (link.name === 'up') return gone ? dial(1, nowMs, nowMs, policy) : stay(link)
  if (link.name !== 'shaky') return stay(link)
  const pause = policy.backoffMs[Math.min(link.restarts, 2, policy.backoffMs.length - 1)] ?? 1_000
  if (gone || nowMs + pause - link.downSinceMs >= policy.consentMs) return dial(1, link.downSinceMs, nowMs, policy)
  return { link: { ...link, untilMs: nowMs + pause, restarts: link.restarts + 1, then: 'restart' }, effects: [] }
}

/** While it is up the old way carries on until the new one stands. */
function network(link: Link, nowMs: number, policy: LinkPolicy): LinkStep {
  if (link.name === 'waiting') return dial(link.attempt + 1, link.downSinceMs, nowMs, policy)
  if (link.name === 'up' && policy.consentMs > 0) return { link, effects: ['restart'] }
  if (link.name !== 'shaky') return stay(link)
  return policy.consentMs > 0 ? again(link, policy) : dial(1, link.downSinceMs, nowMs, policy)
}

/** Whoever has a turn keeps it: then it was the server that went away, and a whole hall comes back. */
function back(link: Link, nowMs: number, policy: LinkPolicy): LinkStep {
  if (plannedMs(link) !== null || (link.name === 'dialling' && link.inTurn)) return stay(link)
  if (link.name === 'dialling') return dial(link.attempt, link.downSinceMs, nowMs, policy)
  const forgotten = link.name === 'shaky' && nowMs - link.downSinceMs >= policy.consentMs
  return forgotten ? dial(1, link.downSinceMs, nowMs, policy) : link.name === 'up' ? stay(link) : network(link, nowMs, policy)
}

function again(link: Link & { name: 'shaky' }, policy: LinkPolicy): LinkStep {
  return { link: { ...link, untilMs: link.downSinceMs + policy.consentMs, then: 'dial' }, effects: ['restart'] }
}

function refused(
  link: Link, event: LinkEvent & { type: 'refused' }, nowMs: number, policy: LinkPolicy, chance: number,
): LinkStep {
  if (link.name !== 'dialling') return stay(link)
  if (!event.passing) return { link: { name: 'refused', code: event.code }, effects: ['hang-up'] }
  return wait(link.attempt, link.downSinceMs, nowMs, policy, chance, event.retryAfterMs, event.code)
}

const FIRST_MS = 60_000

function wait(
  attempt: number, downSinceMs: number, nowMs: number, policy: LinkPolicy, chance: number,
  atLeastMs: number | null, code: string | null, no = true,
): LinkStep {
  const longest = policy.soonMs !== undefined && nowMs - downSinceMs < FIRST_MS ? policy.soonMs : Infinity
  const base = Math.min(longest, policy.backoffMs[Math.min(attempt, policy.backoffMs.length) - 1] ?? 1_000)
  const spread = base * (1 + policy.jitter * (2 * chance - 1))
  // Those who were told the same wait must not all come at its end.
  const asked = atLeastMs === null ? 0 : atLeastMs + chance * Math.min(atLeastMs, 2_000)
  const untilMs = nowMs + Math.max(spread, asked)
  return { link: { name: 'waiting', attempt, untilMs, downSinceMs, code, ...(no ? { no } : {}) }, effects: ['hang-up'] }
}

function moved(link: Link, delayMs: number, nowMs: number): LinkStep {
  if (link.name === 'idle' || link.name === 'refused') return stay(link)
  const downSinceMs = downSince(link) ?? nowMs
  return { link: { name: 'waiting', attempt: 0, untilMs: nowMs + delayMs, downSinceMs, code: null }, effects: ['hang-up'] }
}

function now(link: Link, nowMs: number, policy: LinkPolicy): LinkStep {
  if (link.name === 'waiting') return dial(link.attempt + 1, link.downSinceMs, nowMs, policy)
  if (link.name === 'shaky') return dial(1, link.downSinceMs, nowMs, policy)
  return link.name === 'refused' ? dial(1, nowMs, nowMs, policy) : stay(link)
}

function tick(link: Link, nowMs: number, policy: LinkPolicy, chance: number): LinkStep {
  const due = nextTickMs(link)
  if (due === null || nowMs < due) return stay(link)
  if (link.name === 'waiting') return dial(link.attempt + 1, link.downSinceMs, nowMs, policy, link.attempt === 0, link.no)
  if (link.name === 'shaky') return link.then === 'restart' ? again(link, policy) : dial(1, link.downSinceMs, nowMs, policy)
  return failed(link, nowMs, policy.unansweredMs === undefined ? policy : { ...policy, backoffMs: capped(policy.backoffMs, policy.unansweredMs) }, chance, link.name === 'dialling' && link.afterNo === true)
}

const capped = (waits: readonly number[], mostMs: number) => waits.map(wait => Math.min(wait, mostMs))
