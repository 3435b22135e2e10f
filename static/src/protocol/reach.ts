/**
 * Whether the server is in reach. Whoever asks it says so when it is heard, and when it was waited for in vain; whoever
 * waits for the network is told the moment anybody hears the server again.
 *
 * A browser has six connections to a host, and one that it tries to open in a dead network keeps its place for a minute
 * or two, asking at ever longer intervals, whoever gave up on it (Chromium: a cancelled request leaves its connect job).
 * So nobody asks while there is no answer, but for the socket, which has connections of its own.
 */

import { monotonicMs } from '@/clock'

/** Whoever finds out asks every four seconds or so. When nobody does any more, everybody may. */
const LASTS_MS = 20_000

export class Reach {
  private followers: readonly (() => void)[] = []
  private away = false
  private heardMs = -Infinity
  private missedMs = -Infinity

  constructor(private readonly now: () => number = monotonicMs) {}

  /** Somebody waited in vain just now, and nobody was answered since. */
  get silent(): boolean {
    return this.away && this.now() - this.missedMs < LASTS_MS
  }

  /** An answer of any kind, also a refusal. */
  heard(nowMs: number): void {
    this.heardMs = nowMs
    if (!this.away) return
    this.away = false
    for (const follower of this.followers) follower()
  }

  /** What was asked at `sinceMs` got no answer. Others may have had one meanwhile. */
  missed(sinceMs: number): void {
    if (this.heardMs >= sinceMs) return
    this.away = true
    this.missedMs = this.now()
  }

  /** Nobody finds out any more. */
  forget(): void {
    this.away = false
  }

  /** Called each time that the silence ends; those that are `urgent` before the others. Gives back how to stop. */
  follow(follower: () => void, urgent = false): () => void {
    this.followers = urgent ? [follower, ...this.followers] : [...this.followers, follower]
    return () => { this.followers = this.followers.filter(one => one !== follower) }
  }
}

/** The page's own server. */
export const reach = new Reach()

/** A request whose answer, whatever it says, was heard. */
export const fetchHeard: typeof globalThis.fetch = async (input, init) => {
  const response = await globalThis.fetch(input, init)
  reach.heard(monotonicMs())
  return response
}
