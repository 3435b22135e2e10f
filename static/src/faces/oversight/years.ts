/** Addresses of the year's pages, and the way down to a unit. No I/O. */

import type { Named } from '@/protocol/model'

export const STANDING_TONES = { met: 'good', short: 'plain', exempt: 'off', unasked: 'off' } as const

interface Placed { id: string, name: string, parent_id: string | null }

function query(wanted: Record<string, string>): string {
  const text = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString()
  return text ? `?${text}` : ''
}

export const yearAddress = (unit: string, year: string) => `/manage/credit-year${query({ unit, year })}`
export const memberAddress = (member: string, year: string) => `/manage/credit-year/${member}${query({ year })}`

/** From the highest that is known down to the unit. A unit that is not in the tree (dissolved, or not one's own) stands alone. */
export function pathTo(tree: readonly Placed[], unit: Named, year: string): { key: string, name: string, to: string }[] {
  const known = new Map(tree.map(each => [each.id, each]))
  const path: Named[] = []
  for (let at = known.get(unit.id); at && !path.some(each => each.id === at?.id); at = known.get(at.parent_id ?? '')) path.unshift(at)
  return (path.length ? path : [unit]).map(each => ({ key: each.id, name: each.name, to: yearAddress(each.id, year) }))
}
