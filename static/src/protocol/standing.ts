/** Where somebody stands in a year of credit (docs/protocol.md, section 4), and what a branch makes of it. */

import type { Named } from './model'
import type { Rest } from './rest'

export type StandingState = 'met' | 'short' | 'exempt' | 'unasked'
export interface TypeSum { type: 'lesson' | 'make_up' | 'micro' | 'outside' | 'teaching', earned: number, counted: number, cap: number | null }
export interface Standing {
  year: number
  member: Named
  unit: Named
  state: StandingState
  /** null: nothing is asked. All amounts in hundredths. */
  target: number | null
  earned: number
  counted: number
  carried: number
  total: number
  short: number
  types: TypeSum[]
  rule: { id: string, name: string, version: number } | null
}
export interface Tally { met: number, short: number, exempt: number, unasked: number, lent: number, borrowed: number }
export interface StandingPage { year: number, on: string, unit: Named, tally: Tally, items: Standing[], next_cursor: string | null }

/** How much of the target is reached, whole percents, never more than 100; null: there is no target. */
export function reached(one: Pick<Standing, 'target' | 'total'>): number | null {
  if (!one.target) return null
  return Math.max(0, Math.min(100, Math.floor(one.total * 100 / one.target)))
}

export const standingCalls = (rest: Rest) => ({
  own: (year: number) => rest.json<Standing>('GET', `/api/v1/credit-standing?year=${year}`),
  branch: (unit: string, year: number, cursor?: string) =>
    rest.json<StandingPage>('GET', `/api/v1/credit-standings?unit=${unit}&year=${year}&order=short&limit=200${cursor ? `&cursor=${cursor}` : ''}`),
})

export interface YearList {
  year: number
  unit: Named
  members: number
  digest: string
  confirmed: { version: number, digest: string, confirmed_by: { account_id: string, name: string }, confirmed_at: string } | null
  /** Since it was confirmed last. */
  changed: boolean
  short: { member_id: string, reminded_at: string | null, may_remind: boolean }[]
  may_confirm: boolean
}
export interface YearReminder { year: number, short: number, by: string, at: string }

const ROOT = '/api/v1/year-list'
export const yearListCalls = (rest: Rest) => ({
  see: (unit: string, year: number) => rest.json<YearList>('GET', `${ROOT}?unit=${unit}&year=${year}`),
  remind: (unit: string, year: number, ids: readonly string[]) => rest.command<{ reminded: number, skipped: number }>(`${ROOT}/reminders`, { unit_id: unit, year, member_ids: ids }),
  confirm: (unit: string, year: number, digest: string) => rest.command<YearList>(`${ROOT}/confirmations`, { unit_id: unit, year, digest }),
  own: async (year: number) => (await rest.json<{ reminder: YearReminder | null }>('GET', `${ROOT}/reminder?year=${year}`)).reminder,
})
