/** A year of credit by units (docs/protocol.md, section 4): how many reach their target. No clock, no order by amount. */

import type { Credit } from './credit'
import type { Named } from './model'
import type { Rest } from './rest'
import type { Standing } from './standing'

export interface YearTally { met: number, short: number, exempt: number, unasked: number, lent: number, borrowed: number }
/** `reached`: thousandths of met and short; null: fewer than five people. */
export interface YearOfUnit { unit: Named, tally: YearTally, reached: number | null }
export interface YearOfUnits extends YearOfUnit { year: number, on: string, units: YearOfUnit[] }
/** Of the people who are asked for something; amounts a head in hundredths, `on_time` in thousandths; null: fewer than five people. */
export interface MonthOfUnit { month: number, added: number | null, total: number | null, on_time: number | null }
export interface MonthsOfUnit { year: number, on: string, unit: Named, people: number, months: MonthOfUnit[] }
export interface YearPerson { member: Named, unit: Named, loan: Named | null, place: 'counted' | 'lent' | 'borrowed', state: 'met' | 'short' | 'exempt' | 'unasked', target: number | null, total: number, short: number }

const query = (wanted: Record<string, string>) => new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString()

export class YearCalls {
  constructor(private readonly rest: Rest) {}

  units = (unit: string, year: string) => this.rest.json<YearOfUnits>('GET', `/api/v1/credit-standings/units?${query({ unit, year })}`)
  months = (unit: string, year: string) => this.rest.json<MonthsOfUnit>('GET', `/api/v1/credit-standings/months?${query({ unit, year })}`)
  standing = (member: string, year: string) => this.rest.json<Standing>('GET', `/api/v1/members/${member}/credit-standing?${query({ year })}`)
  entries = (member: string, year: string) => this.rest.json<Credit>('GET', `/api/v1/members/${member}/credit?${query({ year })}`)
  people = (unit: string, year: string, cursor = '') =>
    this.rest.json<{ items: YearPerson[], next_cursor: string | null }>('GET', `/api/v1/credit-standings?${query({ unit, year, cursor, limit: '100' })}`)
}

export const fileOf = (unit: string, year: string, format: 'xlsx' | 'pdf') => `/api/v1/credit-standings/export?${query({ unit, year, format })}`
/** One decimal. */
export const ratio = (thousandths: number) => (thousandths / 10).toFixed(1)
