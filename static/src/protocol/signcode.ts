/**
 * The sign-in code that a screen shows now, out of a batch fetched ahead, so that a hiccup of the line costs nobody a
 * sign-in. The server's clock decides: `nowMs` is the server's time as carried forward by a monotonic clock.
 */

import type { VenueCode } from './model'

/** The slot that covers `nowMs`; null: the batch has run out, or has not begun. */
export function codeAt(codes: readonly VenueCode[], nowMs: number): VenueCode | null {
  return codes.find(one => Date.parse(one.shows_at) <= nowMs && nowMs < Date.parse(one.until)) ?? null
}

/** Ask again as soon as the first slot is over: then two are still in hand. */
export function wantsMore(codes: readonly VenueCode[], nowMs: number): boolean {
  const first = codes[0]
  return first === undefined || nowMs >= Date.parse(first.until)
}

/** Six digits are read aloud in two breaths. */
export function spaced(code: string): string {
  return code.length === 6 ? `${code.slice(0, 3)} ${code.slice(3)}` : code
}
