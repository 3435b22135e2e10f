/**
 * A list that is read once and then kept by events (docs/protocol.md, "Snapshot and tail"), without I/O of its own.
 *
 * Every list says at which `seq` it was read. Events that come while it is read wait; of all that came, those that the
 * reading has seen are dropped and the later ones are applied in order, each once.
 */

import type { LessonLogEvent } from '@/protocol/model'

/** Events kept while a list is read. Beyond it the list is read again. */
export const WAITING_LIMIT = 500

export class Tail {
  /** The list stands here; null: it was never read. */
  private seq: number | null = null
  private readings = 0
  private overrun = false
  private waiting: LessonLogEvent[] = []

  /** `apply` changes the list by one event. */
  constructor(private readonly apply: (event: LessonLogEvent) => void) {}

  heard(event: LessonLogEvent): void {
    if (this.readings === 0) this.take(event)
    else if (this.waiting.length < WAITING_LIMIT) this.waiting.push(event)
    else this.overrun = true
  }

  /** Reads the list and places it. Throws what `fetch` throws: the list stays as it was, and is kept by events still. */
  async read<T extends { seq: number }>(fetch: () => Promise<T>, place: (list: T) => void): Promise<void> {
    this.readings += 1
    try {
      do {
        if (this.overrun) this.waiting = [] // older than what is read now
        this.overrun = false
        const list = await fetch()
        if (this.seq !== null && list.seq < this.seq) break
        this.seq = list.seq
        place(list)
      } while (this.overrun)
    } finally {
      this.readings -= 1
      if (this.readings === 0) this.settle()
    }
  }

  /** Another lesson, or none. */
  forget(): void {
    this.seq = null
    this.waiting = []
  }

  private settle(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const event of waiting.sort((a, b) => a.seq - b.seq)) this.take(event)
  }

  private take(event: LessonLogEvent): void {
    if (this.seq === null || event.seq <= this.seq) return
    this.seq = event.seq
    this.apply(event)
  }
}
