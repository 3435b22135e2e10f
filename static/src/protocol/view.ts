/** A WHEP session's view while it lasts: how large its pictures are here, and whether the network takes any. */

import type { Fetch } from './exchange'
import type { Ticket } from './model'

export interface ViewState { height: number | null, soundOnly: boolean }

const MOST_LINES = 4320
/** Less is a blur, however small the screen says it is. */
const LEAST_LINES = 360
/** Beyond two device pixels to a CSS pixel nobody sees the difference in a moving picture. */
const MOST_RATIO = 2
/** A change of less is not worth a keyframe. */
const WORTH_IT = 0.2

/** Lines that a picture of this height fills; null while it has none, as before it is laid out. */
export function linesFor(cssHeight: number, pixelRatio: number): number | null {
  const lines = Math.round(cssHeight * Math.min(pixelRatio, MOST_RATIO))
  return lines > 0 ? Math.min(Math.max(lines, LEAST_LINES), MOST_LINES) : null
}

export function worthResizing(asked: number | null, wanted: number | null): boolean {
  if (asked === null || wanted === null) return asked !== wanted
  return Math.abs(wanted - asked) > WORTH_IT * asked
}

/** The ticket with the size in its address. */
export function sized(ticket: Ticket, height: number | null): Ticket {
  if (height === null) return ticket
  const url = new URL(ticket.url, globalThis.location.href)
  url.searchParams.set('height', String(height))
  return { ...ticket, url: url.href }
}

/** Null when the server does not say, as one that has lost the session. */
export async function readView(resource: string, fetch: Fetch): Promise<ViewState | null> {
  return await viewOf(fetch(`${resource}/view`, { credentials: 'omit' }))
}

export async function resizeView(resource: string, height: number | null, fetch: Fetch): Promise<ViewState | null> {
  return await changeView(resource, { height }, fetch)
}

/** Other sources in the same pictures, in order; those beyond show nothing. */
export async function lookAt(resource: string, sources: readonly string[], fetch: Fetch): Promise<ViewState | null> {
  return await changeView(resource, { sources }, fetch)
}

async function changeView(resource: string, change: object, fetch: Fetch): Promise<ViewState | null> {
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify(change)
  return await viewOf(fetch(`${resource}/view`, { method: 'PATCH', headers, body, credentials: 'omit' }))
}

async function viewOf(answering: Promise<Response>): Promise<ViewState | null> {
  const answer = await answering.catch(() => null)
  if (!answer?.ok) return null
  const said = await answer.json().catch(() => null) as { height?: unknown, sound_only?: unknown } | null
  if (!said) return null
  return { height: typeof said.height === 'number' ? said.height : null, soundOnly: said.sound_only === true }
}

const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 30_000

/** When to ask why a picture stands still: soon, then ever more seldom, since it may just be one that nobody sends. */
export class Stillness {
  private askAtMs = 0
  private pauseMs = FIRST_PAUSE_MS

  /** Whether to ask now. */
  stands(nowMs: number): boolean {
    if (nowMs < this.askAtMs) return false
    this.askAtMs = nowMs + this.pauseMs
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS)
    return true
  }

  moves(): void {
    this.askAtMs = 0
    this.pauseMs = FIRST_PAUSE_MS
  }
}
