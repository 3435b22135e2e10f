/** 自助签到 at a venue's screen: what is typed there, by a keyboard or with four arrows and Enter of a remote. */

import type { Named, SignIn } from './model'

export interface KioskName { member_id: string, name: string, unit: Named, signed_in: boolean }
export interface KioskNames { items: KioskName[], more: boolean }
export interface KioskPerson { member_id: string, name: string, unit: Named, sign_in: SignIn | null }
export interface KioskState { lesson_venue_id: string, on: boolean }

export const COLUMNS = 10
export const DELETE = 'delete'
export const FIND = 'find'
/** Digits, letters, then what ends it; the last row is filled with the two wide keys. */
export const PAD: readonly string[] = [...'1234567890', ...'ABCDEFGHIJ', ...'KLMNOPQRST', ...'UVWXYZ', DELETE, FIND]
const FIND_AT = PAD.length - 1
const LAST_ROW = 30
const MOST = 20

export type Arrow = 'up' | 'down' | 'left' | 'right'

/** Where an arrow leads on the pad; past its edge it stays. The two wide keys stand under two columns each. */
export function moved(at: number, arrow: Arrow): number {
  if (arrow === 'left') return at % COLUMNS === 0 ? at : at - 1
  if (arrow === 'right') return at === FIND_AT || at % COLUMNS === COLUMNS - 1 ? at : at + 1
  if (arrow === 'up') return at >= LAST_ROW ? LAST_ROW - COLUMNS + columnOf(at) : at < COLUMNS ? at : at - COLUMNS
  if (at >= LAST_ROW) return at
  return at + COLUMNS < LAST_ROW ? at + COLUMNS : lastRow(at % COLUMNS)
}

const columnOf = (at: number) => at === FIND_AT ? 8 : at - LAST_ROW
const lastRow = (column: number) => column < 6 ? LAST_ROW + column : column < 8 ? FIND_AT - 1 : FIND_AT

/** After a key of the pad or of a keyboard. */
export function typedAfter(typed: string, key: string): string {
  if (key === DELETE) return typed.slice(0, -1)
  return key.length === 1 ? (typed + key.toUpperCase()).slice(0, MOST) : typed
}

/** Enough to look for somebody by. */
export const findable = (typed: string): boolean => typed.length >= 2
