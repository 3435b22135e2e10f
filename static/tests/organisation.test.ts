import { describe, expect, it } from 'vitest'
import { placesFor, treeRows, type OrganisationUnit, type UnitKind } from '@/protocol/organisation'

const unit = (id: string, parent: string | null, kind: UnitKind): OrganisationUnit =>
  ({ id, parent_id: parent, name: id, kind, founded: null, until: null, members: 0, kinds: [], unusual: null, may: ['edit'], version: 1 })
const [ROOT, FIRST, BRANCH] = [unit('root', null, 'committee'), unit('g1', 'root', 'general_branch'), unit('b1', 'g1', 'branch')] as const
const UNITS = [ROOT, FIRST, unit('g2', 'root', 'general_branch'), BRANCH, unit('b2', 'root', 'branch')]

describe('the tree as rows', () => {
  it('shows each unit below its parent, one level deeper', () => {
    expect(treeRows(UNITS, new Set()).map(row => [row.unit.id, row.level])).toEqual([['root', 1], ['g1', 2], ['b1', 3], ['g2', 2], ['b2', 2]])
  })
  it('leaves out what is below a closed unit', () => {
    const rows = treeRows(UNITS, new Set(['g1']))
    expect(rows.map(row => row.unit.id)).toEqual(['root', 'g1', 'g2', 'b2'])
    expect(rows.find(row => row.unit.id === 'g1')).toMatchObject({ parent: true, open: false })
    expect(rows.find(row => row.unit.id === 'g2')?.parent).toBe(false)
  })
})

describe('where a unit may be moved', () => {
  it('is above it, by kind, elsewhere than now', () => {
    expect(placesFor(BRANCH, UNITS).map(one => one.id)).toEqual(['root', 'g2'])
    expect(placesFor(FIRST, UNITS)).toEqual([])
  })
  it('is never below itself', () => {
    const b = unit('b', 'a', 'committee')
    const committees = [unit('a', null, 'committee'), b, unit('c', 'b', 'committee'), unit('d', 'a', 'committee')]
    expect(placesFor(b, committees).map(one => one.id)).toEqual(['d'])
  })
  it('is only where one may edit', () => {
    const away = UNITS.map(one => one.id === 'g2' ? { ...one, may: [] } : one)
    expect(placesFor(BRANCH, away).map(one => one.id)).toEqual(['root'])
  })
})
