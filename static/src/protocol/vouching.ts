/** 请假: shapes of docs/protocol.md, section 4, outside of the first page. No I/O. */

import type { LeaveState, Named } from './model'

export interface Leave {
  id: string
  lesson_id: string
  member: Named
  unit: Named
  reason: string
  state: LeaveState
  asked_at: string
  /** Taken down by a secretary. */
  by_other: boolean
  decided_at: string | null
  decided_by: { account_id: string, name: string } | null
  answer: string
}

/** Thousandths as a hall reads them; null: a share of nothing. */
export function rateText(permille: number | null): string {
  if (permille === null) return '–'
  return permille % 10 === 0 ? String(permille / 10) : (permille / 10).toFixed(1)
}
