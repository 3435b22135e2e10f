/**
 * Who is expected where, while it is being arranged: units go to a venue or to the phone, the nearest arranged one up
 * the tree counts, single members are exceptions. The server freezes it when the lesson opens; this only foretells it.
 * No I/O.
 */

export interface UnitRow { id: string, parentId: string | null, name: string, members: number }
/** A venue's id, `phone`, or nothing of its own: as the unit above. */
export type Where = string
export const PHONE: Where = 'phone'
export type Choices = Readonly<Record<string, Where>>
export interface Exception { memberId: string, unitId: string, where: Where, expected: boolean }

/** Where a unit's members go; `own`: it was said for this unit itself. */
export function whereOf(unit: UnitRow, units: ReadonlyMap<string, UnitRow>, choices: Choices): { where: Where, own: boolean } {
  const seen = new Set<string>()
  for (let at: UnitRow | undefined = unit; at && !seen.has(at.id); at = at.parentId === null ? undefined : units.get(at.parentId)) {
    seen.add(at.id)
    const where = choices[at.id]
    if (where !== undefined) return { where, own: at.id === unit.id }
  }
  return { where: PHONE, own: false }
}

export interface Totals { expected: number, byWhere: ReadonlyMap<Where, number> }

/** The server counts a unit with everything below it; here each row keeps only its own. */
export function ownMembers(rows: readonly UnitRow[]): UnitRow[] {
  const below = new Map<string, number>()
  for (const row of rows) if (row.parentId !== null) below.set(row.parentId, (below.get(row.parentId) ?? 0) + row.members)
  return rows.map(row => ({ ...row, members: Math.max(0, row.members - (below.get(row.id) ?? 0)) }))
}

/** 应到 in all and per venue. `members` of a row are its own, without the units below it. */
export function totalsOf(rows: readonly UnitRow[], choices: Choices, exceptions: readonly Exception[]): Totals {
  const units = new Map(rows.map(row => [row.id, row]))
  const byWhere = new Map<Where, number>()
  const add = (where: Where, count: number) => { byWhere.set(where, (byWhere.get(where) ?? 0) + count) }
  for (const row of rows) add(whereOf(row, units, choices).where, row.members)
  for (const one of exceptions) {
    const home = units.get(one.unitId)
    if (home) add(whereOf(home, units, choices).where, -1)
    if (one.expected) add(one.where, 1)
  }
  return { expected: [...byWhere.values()].reduce((sum, count) => sum + count, 0), byWhere }
}

/** The tree as rows, each under its parent, in the order given; `depth` counts from the top of what is shown. */
export function inTree<T extends UnitRow>(rows: readonly T[]): (T & { depth: number })[] {
  const known = new Set(rows.map(row => row.id))
  const below = new Map<string | null, T[]>()
  for (const row of rows) {
    const parent = row.parentId !== null && known.has(row.parentId) ? row.parentId : null
    below.set(parent, [...below.get(parent) ?? [], row])
  }
  const walk = (parent: string | null, depth: number): (T & { depth: number })[] =>
    (below.get(parent) ?? []).flatMap(row => [{ ...row, depth }, ...walk(row.id, depth + 1)])
  return walk(null, 0)
}
