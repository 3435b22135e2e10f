/** A viewer's ticket for coming back: a hall whose media process was replaced posts one request each and not two. */

import type { Ticket } from './model'
import { Refusal } from './problem'

export class Returning {
  private kept: Ticket | null = null
  private spent = false

  constructor(private readonly ask: (signal?: AbortSignal) => Promise<Ticket>) {}

  /** The kept one once, until something says that it is still good; a fresh one otherwise. */
  async next(signal?: AbortSignal): Promise<Ticket> {
    if (this.kept && !this.spent) {
      this.spent = true
      return this.kept
    }
    const ticket = await this.ask(signal)
    this.kept = ticket.return_token ? { ...ticket, token: ticket.return_token } : null
    this.spent = false
    return ticket
  }

  /** The last one opened a connection: the kept one is good for the next dial. */
  worked(): void {
    this.spent = false
  }

  /**
   * A dial failed. A server that is busy, or that nobody could ask, says nothing against the ticket: asking it for
   * another would be more work for it, and another way there and back.
   */
  failed(error: unknown): void {
    if (!(error instanceof Refusal) || error.passing) this.spent = false
  }
}
