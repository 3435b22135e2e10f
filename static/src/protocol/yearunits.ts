/** A year of credit by units (docs/protocol.md, section 4): how many reach their target. No clock, no order by amount. */

import type { Named } from './model'
import type { Rest } from './rest'

export interface YearTally { met: number, short: number, exempt: number, unasked: number, lent: number, borrowed: number }
/** `reached`: thousandths of met and short; null: fewer than five people. */
export interface YearOfUnit { unit: Named, tally: YearTally, reached: number | null }
export interface YearOfUnits extends YearOfUnit { year: number, on: string, units: YearOfUnit[] }
export interface YearPerson { member: Named, unit: Named, state: 'met' | 'short' | 'exempt' | 'unasked', target: number | null, total: number, short: number }

const query = (wanted: Record<string, string>) => new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString()

export class YearCalls {
  constructor(private readonly rest: Rest) {}

  units = (unit: string, year: string) => this.rest.json<YearOfUnits>('GET', `/api/v1/credit-standings/units?${query({ unit, year })}`)
  people = (unit: string, year: string, cursor = '') =>
    this.rest.json<{ items: YearPerson[], next_cursor: string | null }>('GET', `/api/v1/credit-standings?${query({ unit, year, cursor, limit: '100' })}`)
}

export const fileOf = (unit: string, year: string, format: 'xlsx' | 'pdf') => `/api/v1/credit-standings/export?${query({ unit, year, format })}`
/** One decimal. */
export const ratio = (thousandths: number) => (thousandths / 10).toFixed(1)
