/** Numbers as a hall or a form reads them. No I/O. */

/** One decimal, rounded down: 100 % is said only when nobody is missing. Null: a share of nothing. */
export function percent(part: number, whole: number): string | null {
  if (whole <= 0) return null
  const tenths = Math.floor((part * 1000) / whole)
  return tenths % 10 === 0 ? String(tenths / 10) : (tenths / 10).toFixed(1)
}

/** 0…1 for a bar; more than expected is a full one. */
export function fraction(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole))
}

/** The rows of one page out of many; `page` counts for ever and comes round. */
export function pageOf<T>(rows: readonly T[], size: number, page: number): { rows: readonly T[], page: number, pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size))
  const at = ((page % pages) + pages) % pages
  return { rows: rows.slice(at * size, (at + 1) * size), page: at, pages }
}

interface Counted { expected: number, present: number, missing: number }

/** How a row says who is missing: 'nobody' was expected there, 'none' is missing, null: some are. */
export function missingTone(row: Pick<Counted, 'expected' | 'missing'>): 'nobody' | 'none' | null {
  if (row.missing > 0) return null
  return row.expected === 0 ? 'nobody' : 'none'
}

/** Somebody signed in elsewhere than planned: a place counts who is there, and misses whom it expects. */
export function strayed(rows: readonly Counted[]): boolean {
  return rows.some(row => row.present + row.missing !== row.expected)
}

export type Step = 'up' | 'down' | 'left' | 'right' | 'pageup' | 'pagedown' | 'home' | 'end'

/** Where the arrow keys lead in a list laid out row by row in `columns`. Never outside it; -1 while it is empty. */
export function stepped(at: number, count: number, columns: number, perPage: number, step: Step): number {
  if (count === 0) return -1
  const by = { up: -columns, down: columns, left: -1, right: 1, pageup: -perPage, pagedown: perPage, home: -count, end: count }[step]
  const to = at + by
  if ((step === 'up' || step === 'down') && (to < 0 || to >= count)) {
    // From the row above a shorter last one, down still leads to the last name.
    return step === 'down' && Math.floor(at / columns) < Math.floor((count - 1) / columns) ? count - 1 : Math.max(0, Math.min(at, count - 1))
  }
  return Math.max(0, Math.min(count - 1, to))
}

const FRESH_MS = 6_000

/** Numbers that nobody pushes any more are old after a few seconds; those of a living connection change when something does. */
export function isStale(linkUp: boolean, at: string | null, serverNowMs: number): boolean {
  return !linkUp && at !== null && serverNowMs - Date.parse(at) > FRESH_MS
}
