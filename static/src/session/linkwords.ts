/** A connection's state for people: which sentence, and how many seconds to the next try. No I/O. */

import type { Link } from '@/protocol/reconnect'

export function secondsLeft(link: Link, nowMs: number): number {
  return link.name === 'waiting' ? Math.max(1, Math.ceil((link.untilMs - nowMs) / 1000)) : 0
}

/** It was there, is not, and comes back by itself. */
export function isRecovering(link: Link): boolean {
  return link.name === 'waiting' || link.name === 'shaky' || (link.name === 'dialling' && link.attempt > 1)
}
