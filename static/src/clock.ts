/** The only reader of the clocks in the client: everything else is given the time. */

/** Milliseconds that never jump: for deadlines, back-off and drift. */
export function monotonicMs(): number {
  return performance.now()
}

/** Milliseconds since 1970 by this device, which may be hours off: combine with an offset from the server. */
export function wallMs(): number {
  return Date.now()
}
