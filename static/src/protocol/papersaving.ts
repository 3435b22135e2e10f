/** What is marked in a paper, saved by itself: one save of a question at a time, and the newest mark is the one that stays. No I/O. */

export interface Saver {
  /** Resolves when the server has taken it, or when it did not get through: never throws. */
  send: (quizId: string, choice: readonly string[]) => Promise<boolean>
}

/** The marks of one paper that the server may not have yet. */
export class PaperSaving {
  private readonly wanted = new Map<string, readonly string[]>()
  private readonly going = new Map<string, Promise<boolean>>()

  constructor(private readonly saver: Saver) {}

  /** What lies marked now; it goes out with the next `save`. */
  mark(quizId: string, choice: readonly string[]): void { this.wanted.set(quizId, choice) }
  /** It is not to be saved any more: nothing is marked, or it was refused for good. */
  drop(quizId: string): void { this.wanted.delete(quizId) }
  has(quizId: string): boolean { return this.wanted.has(quizId) }
  get waiting(): number { return this.wanted.size }

  /** False: it did not get through, and still waits. */
  save(quizId: string): Promise<boolean> {
    const going = this.going.get(quizId) ?? this.run(quizId).finally(() => { this.going.delete(quizId) })
    this.going.set(quizId, going)
    return going
  }

  /** Everything that waits; false: some of it still does. */
  async saveAll(): Promise<boolean> {
    const done = await Promise.all([...this.wanted.keys(), ...this.going.keys()].map(id => this.save(id)))
    return done.every(Boolean) && this.wanted.size === 0
  }

  private async run(quizId: string): Promise<boolean> {
    for (;;) {
      const choice = this.wanted.get(quizId)
      if (!choice) return true
      if (!await this.saver.send(quizId, choice)) return false
      // Marked anew while it was on its way: that goes out, too.
      if (this.wanted.get(quizId) === choice) this.wanted.delete(quizId)
    }
  }
}
