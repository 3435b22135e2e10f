/** The HTTP exchange that WHIP (RFC 9725) and WHEP share: an offer for an answer, a resource to delete. */

import type { Ticket } from './model'
import { Refusal, refusalOf, unreachable } from './problem'
import { iceFragment, iceServersOf, restartedAnswer, withSoundRepair, type IceServer } from './sdp'

export interface Exchange {
  answer: string
  /** Absolute URL of the session: whoever knows it may end it. */
  resource: string
  etag: string
  iceServers: IceServer[]
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>

/** Tickets live a minute at most. One that ran out between its issue and its use is replaced, once. */
const RENEWABLE = new Set(['ticket_expired', 'ticket_invalid'])

export async function exchange(
  offer: string, newTicket: () => Promise<Ticket>, fetch: Fetch, signal?: AbortSignal,
): Promise<Exchange> {
  try {
    return await post(offer, await newTicket(), fetch, signal)
  } catch (error) {
    if (!(error instanceof Refusal) || !RENEWABLE.has(error.code)) throw error
    return await post(offer, await newTicket(), fetch, signal)
  }
}

async function post(offer: string, ticket: Ticket, fetch: Fetch, signal?: AbortSignal): Promise<Exchange> {
  const endpoint = new URL(ticket.url, globalThis.location.href)
  const init: RequestInit = {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', 'Authorization': `Bearer ${ticket.token}` },
    body: offer,
    credentials: 'omit',
  }
  if (signal) init.signal = signal
  const response = await fetch(endpoint.href, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw unreachable()
  })
  if (!response.ok) throw await refusalOf(response)
  const location = response.headers.get('Location')
  if (!location) throw new Refusal({ code: 'no_location', status: 502, title: '', title_en: '' })
  return {
    answer: await response.text(),
    resource: new URL(location, endpoint).href,
    etag: response.headers.get('ETag') ?? '',
    iceServers: iceServersOf(response.headers.get('Link')),
  }
}

/** Ends a session. Works while the page goes away; a lost one ends by consent expiry at the server. */
export async function release(resource: string, fetch: Fetch): Promise<void> {
  await fetch(resource, { method: 'DELETE', keepalive: true, credentials: 'omit' }).catch(() => undefined)
}

const GOODBYE_MS = 800

/** The server is told first: after our DTLS goodbye it would no longer know the resource. Idempotent. */
export function hangUp(pc: RTCPeerConnection, resource: string | null, fetch: Fetch): void {
  if (resource === null || pc.connectionState !== 'connected') {
    pc.close()
    if (resource !== null) void release(resource, fetch)
    return
  }
  const late = new Promise(resolve => setTimeout(resolve, GOODBYE_MS))
  void Promise.race([release(resource, fetch), late]).then(() => { pc.close() })
}

/**
 * The order in which an offer is made: posted before `setLocalDescription`, so that the servers named in the answer's
 * Link header are used for gathering. The server is ICE-lite: it learns our address from our checks, so neither the
 * offer nor a PATCH has to carry candidates (RFC 8445, 2.5).
 */
export async function negotiate(
  pc: RTCPeerConnection, newTicket: () => Promise<Ticket>, fetch: Fetch, signal: AbortSignal,
): Promise<Exchange> {
  const offer = await pc.createOffer()
  const result = await exchange(withSoundRepair(offer.sdp ?? ''), newTicket, fetch, signal)
  if (signal.aborted) { void release(result.resource, fetch); throw new DOMException('', 'AbortError') }
  if (result.iceServers.length > 0) pc.setConfiguration({ ...pc.getConfiguration(), iceServers: result.iceServers })
  await pc.setLocalDescription(offer)
  await pc.setRemoteDescription({ type: 'answer', sdp: result.answer })
  return result
}

const FRAGMENT = 'application/trickle-ice-sdpfrag'

/**
 * Other addresses for the same connection (RFC 9725, 4.3.3): the old way carries on until the new one stands, and there
 * is no new handshake. `exchange.answer` is kept up to date. Rejects when the browser cannot: then only a new dial helps.
 */
export async function restart(
  pc: RTCPeerConnection, exchange: Exchange, fetch: Fetch, signal: AbortSignal,
): Promise<'restarted' | 'gone' | 'unreachable'> {
  if (pc.signalingState !== 'stable') return 'gone'
  const offer = await pc.createOffer({ iceRestart: true })
  const response = await fetch(exchange.resource, {
    method: 'PATCH', headers: { 'Content-Type': FRAGMENT, 'If-Match': '*' }, body: iceFragment(offer.sdp ?? ''), credentials: 'omit', signal,
  }).catch(() => null)
  if (!response || response.status >= 500 || response.status === 429) return 'unreachable'
  if (response.status !== 200) return 'gone'
  const fragment = await response.text().catch(() => null)
  if (fragment === null) return 'unreachable'
  const answer = restartedAnswer(exchange.answer, fragment)
  await pc.setLocalDescription(offer)
  await pc.setRemoteDescription({ type: 'answer', sdp: answer })
  exchange.answer = answer
  return 'restarted'
}

/** Tells the reconnect machine what the peer connection thinks of itself. */
export function reportStates(
  pc: RTCPeerConnection, report: (event: { type: 'connected' | 'disconnected' | 'failed' }) => void,
): void {
  pc.addEventListener('connectionstatechange', () => {
    const state = pc.connectionState
    if (state === 'connected' || state === 'disconnected' || state === 'failed') report({ type: state })
    if (state === 'closed') report({ type: 'failed' })
  })
}
