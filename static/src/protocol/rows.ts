/** Which rows of a long list are drawn: those that are seen and some beyond, as if all of them were there. */

const BEYOND = 12

export interface Drawn { first: number, last: number, abovePx: number, belowPx: number }

/** `last` is not drawn any more. All rows are `rowPx` high. */
export function drawnRows(count: number, rowPx: number, scrolledPx: number, heightPx: number): Drawn {
  const first = Math.min(Math.max(0, Math.floor(scrolledPx / rowPx) - BEYOND), Math.max(0, count - 1))
  const last = Math.min(count, Math.ceil((scrolledPx + heightPx) / rowPx) + BEYOND)
  return { first, last, abovePx: first * rowPx, belowPx: Math.max(0, count - last) * rowPx }
}
