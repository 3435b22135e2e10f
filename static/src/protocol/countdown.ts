/** A deadline by the server's clock, as people see it. No I/O; all times in milliseconds since 1970 on the server. */

export interface Countdown {
  /** Whole seconds, rounded up: 0 only when the time is really over. */
  readonly seconds: number
  /** What is left of the whole, 1 … 0: the ring. */
  readonly fraction: number
  readonly over: boolean
  /** The last ten seconds. */
  readonly urgent: boolean
}

const URGENT_SECONDS = 10

/** Never more than the whole time, even while this device still believes in a clock that is ahead or behind. */
export function countdown(deadlineMs: number, wholeSeconds: number, serverNowMs: number): Countdown {
  const wholeMs = Math.max(1, wholeSeconds * 1000)
  const leftMs = Math.min(Math.max(0, deadlineMs - serverNowMs), wholeMs)
  const seconds = Math.ceil(leftMs / 1000)
  return { seconds, fraction: leftMs / wholeMs, over: leftMs === 0, urgent: leftMs > 0 && seconds <= URGENT_SECONDS }
}

/** At which seconds a screen reader speaks. A voice every second would drown the question. */
export function spoken(seconds: number): boolean {
  return seconds === 30 || seconds === URGENT_SECONDS || seconds === 5 || seconds === 0
}
