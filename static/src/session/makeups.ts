/** The calls of 补学, and the beats of a player: in their order, one at a time, the newest place when the line was away. */

import type { Attempt, Beat, BranchMakeUp, MakeUp, MarkTold, Place, Told } from '@/protocol/makeup'
import { caughtUp, queued } from '@/protocol/makeup'
import type { Page } from '@/protocol/model'
import { Refusal } from '@/protocol/problem'
import { randomId } from '@/protocol/rest'
import { rest } from './api'

export const PATH = '/api/v1/make-ups'
const RETRY_MS = 3_000

export const makeUps = {
  mine: async () => (await rest.json<{ items: MakeUp[] }>('GET', `${PATH}/mine`)).items,
  one: (id: string) => rest.json<MakeUp>('GET', `${PATH}/${id}`),
  begin: (id: string) => rest.command<Attempt>(`${PATH}/${id}/attempts`, {}),
  handIn: (id: string, attempt: string, choices: Record<string, string[]>) => rest.command<Attempt>(`${PATH}/${id}/attempts/${attempt}/answers`, { choices }),
  mark: (id: string, question: string, choice: readonly string[]) => rest.command<MarkTold>(`${PATH}/${id}/marks/${question}`, { choice }),
  branch: (onlyOpen: boolean, cursor: string | null) => rest.json<Page<BranchMakeUp>>('GET', `${PATH}?limit=100&only_open=${onlyOpen}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`),
  remind: (ids: readonly string[]) => rest.command<{ reminded: number, skipped: number }>(`${PATH}/reminders`, { ids }),
  extend: (id: string, deadline: string, more: number, reason: string) => rest.command<BranchMakeUp>(`${PATH}/${id}/extension`, { deadline_at: deadline, more_attempts: more, reason }),
}

/** `place`: the path of what is watched, below which its beats go. `told` hears of each answer with the place that was said; `failed` of a refusal that trying again does not change. */
export class Beats {
  private readonly device = randomId()
  private number = 0
  private waiting: Place[] = []
  private going = false
  private closed = false

  constructor(private readonly place: string, private readonly told: (told: Told, at: Place) => void, private readonly failed: (error: unknown) => void) {}

  say(place: Place): void {
    this.waiting = queued(this.waiting, place)
    void this.send()
  }

  /** The page goes away: the last place is said without waiting for an answer. */
  leave(place: Place): void {
    const headers = { 'Content-Type': 'application/json' }
    void globalThis.fetch(`${this.place}/beats`, { method: 'POST', headers, body: JSON.stringify(this.next(place)), keepalive: true }).catch(() => undefined)
  }

  /** Nothing that waits is said any more. A page that only went out of sight may come back. */
  close(): void {
    this.closed = true
  }

  private next(place: Place): Beat {
    this.number += 1
    return { ...place, device: this.device, number: this.number }
  }

  private async send(): Promise<void> {
    if (this.going) return
    this.going = true
    for (let place = this.waiting.shift(); place && !this.closed; place = this.waiting.shift()) await this.deliver(place)
    this.going = false
  }

  private async deliver(first: Place): Promise<void> {
    let place = first
    let beat = this.next(place)
    while (!this.closed) {
      try {
        this.told(await rest.json<Told>('POST', `${this.place}/beats`, { body: beat }), place)
        return
      } catch (error) {
        if (!(error instanceof Refusal) || !error.passing) { this.failed(error); return }
        await new Promise(resolve => setTimeout(resolve, error.retryAfterMs ?? RETRY_MS))
        const [newest = place, ...others] = caughtUp(place, this.waiting)
        this.waiting = others
        if (newest !== place) { place = newest; beat = this.next(place) }
      }
    }
  }
}
