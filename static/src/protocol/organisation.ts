/** Organisation and people (docs/protocol.md, section 3). */

import type { MemberKind, Named, Page } from './model'
import { randomId, type Rest } from './rest'

export type UnitKind = 'committee' | 'general_branch' | 'branch'
export type Care = 'see' | 'phones' | 'groups' | 'edit'
export type Standing = 'belonging' | 'lent' | 'borrowed' | 'coming' | 'ended'
export type Ending = 'moved_away' | 'left' | 'died' | 'withdrawn' | 'mistaken' | 'other'
export interface Size { least: number, most: number | null }
export interface KindSize { kind: MemberKind, members: number }

export interface OrganisationUnit {
  id: string
  parent_id: string | null
  name: string
  kind: UnitKind
  founded: string | null
  until: string | null
  members: number
  kinds: KindSize[]
  unusual: Size | null
  may: Care[]
  version: number
}
export interface Organisation { on: string, earliest: string, units: OrganisationUnit[] }
export interface Group { id: string, unit_id: string, name: string, leader: Named | null, version: number }
export interface UnitRule { unit: Named | null, since: string | null, loans: 'host' | 'home', committee: Size, general_branch: Size, branch: Size }
export interface Change { at: string, by: string, kind: string, since: string | null, facts: Record<string, string> }
export interface UnitFile {
  unit: OrganisationUnit
  names: { since: string, name: string }[]
  parents: { since: string, until: string | null, parent: Named | null }[]
  groups: Group[]
  rules: UnitRule[]
  rule: UnitRule
  history: Change[]
}
export interface Member {
  id: string
  name: string
  number: string | null
  kind: MemberKind
  unit: Named
  since: string
  until: string | null
  ending: Ending | null
  group: Named | null
  loan: Named | null
  phone: string | null
  version: number
}
export interface MemberPage extends Page<Member> { total: number, kinds: KindSize[] }
export interface DatedUnit { unit: Named, since: string, until: string | null, ending: Ending | null, note: string }
export interface MemberDetail {
  id: string
  name: string
  number: string | null
  kind: MemberKind
  unit: Named
  ending: Ending | null
  group: Named | null
  phone: string | null
  units: DatedUnit[]
  kinds: { since: string, kind: MemberKind }[]
  loans: DatedUnit[]
  history: Change[]
  may: Care[]
  version: number
}
/** What ends with a membership. */
export interface Departure { roles: { role: string, unit: Named }[], login: boolean, logins: number, last: string | null }
export interface MemberQuery { unit?: string, standing?: Standing, kind?: MemberKind, group?: string, q?: string }

export const MEMBER_KINDS: MemberKind[] = ['full', 'probationary', 'candidate', 'activist', 'guest']
export const ENDINGS: Ending[] = ['moved_away', 'left', 'died', 'withdrawn', 'mistaken', 'other']
export const STANDINGS: Standing[] = ['belonging', 'lent', 'borrowed', 'coming', 'ended']

/** Which kinds may be founded below one of this kind. */
export const BELOW: Record<UnitKind, UnitKind[]> = { committee: ['general_branch', 'branch', 'committee'], general_branch: ['branch'], branch: [] }
const ABOVE: Record<UnitKind, UnitKind[]> = { committee: ['committee'], general_branch: ['committee'], branch: ['committee', 'general_branch'] }

export const organisationCalls = (rest: Rest) => {
  const change = <T>(path: string, version: number, body: Record<string, unknown>, method = 'POST') =>
    rest.json<T>(method, `/api/v1${path}`, { body: { command_id: randomId(), ...body }, etag: `"${version}"` })
  return {
    organisation: () => rest.json<Organisation>('GET', '/api/v1/organisation'),
    unit: (id: string) => rest.json<UnitFile>('GET', `/api/v1/units/${id}`),
    found: (body: { name: string, kind: UnitKind, parent_id: string, since: string }) => rest.command<UnitFile>('/api/v1/units', body),
    rename: (unit: OrganisationUnit, name: string, since: string) => change<UnitFile>(`/units/${unit.id}/name`, unit.version, { name, since }),
    move: (unit: OrganisationUnit, parentId: string, since: string) => change<UnitFile>(`/units/${unit.id}/parent`, unit.version, { parent_id: parentId, since }),
    dissolve: (unit: OrganisationUnit, since: string) => change<UnitFile>(`/units/${unit.id}/end`, unit.version, { since }),
    rule: (unitId: string, rule: Omit<UnitRule, 'unit' | 'since'> & { since: string }) => rest.command<UnitFile>(`/api/v1/units/${unitId}/rules`, { ...rule }),
    addGroup: (unitId: string, name: string, leader: string | null) => rest.command<Group>(`/api/v1/units/${unitId}/groups`, { name, leader_id: leader }),
    changeGroup: (group: Group, name: string, leader: string | null) => change<Group>(`/groups/${group.id}`, group.version, { name, leader_id: leader }, 'PUT'),
    dropGroup: (id: string) => rest.json<undefined>('DELETE', `/api/v1/groups/${id}`),
    members: (query: MemberQuery, limit: number, cursor: string | null) => {
      const asked = Object.entries({ ...query, limit: String(limit), cursor: cursor ?? undefined }).filter((pair): pair is [string, string] => Boolean(pair[1]))
      return rest.json<MemberPage>('GET', `/api/v1/members?${new URLSearchParams(asked).toString()}`)
    },
    member: (id: string) => rest.json<MemberDetail>('GET', `/api/v1/members/${id}`),
    enrol: (body: { number: string, name: string, kind: MemberKind, unit_id: string, since: string, phone: string }) => rest.command<MemberDetail>('/api/v1/members', body),
    particulars: (who: MemberDetail, body: { name?: string, phone?: string, group_id?: string | null }) => change<MemberDetail>(`/members/${who.id}`, who.version, body, 'PATCH'),
    departure: (id: string, unitId: string, since: string) => rest.json<Departure>('GET', `/api/v1/members/${id}/departure?${new URLSearchParams({ since, ...(unitId ? { unit_id: unitId } : {}) }).toString()}`),
    step: (who: MemberDetail, step: 'kind' | 'unit' | 'end' | 'loans' | 'loans/end', body: Record<string, unknown>) => change<MemberDetail>(`/members/${who.id}/${step}`, who.version, body),
  }
}

export interface TreeRow { unit: OrganisationUnit, level: number, parent: boolean, open: boolean }

/** The tree as rows: those below a closed unit are left out. */
export function treeRows(units: readonly OrganisationUnit[], closed: ReadonlySet<string>): TreeRow[] {
  const below = new Map<string | null, OrganisationUnit[]>()
  for (const unit of units) below.set(unit.parent_id, [...below.get(unit.parent_id) ?? [], unit])
  const rows: TreeRow[] = []
  const walk = (parent: string | null, level: number) => {
    for (const unit of below.get(parent) ?? []) {
      const [has, open] = [below.has(unit.id), !closed.has(unit.id)]
      rows.push({ unit, level, parent: has, open })
      if (has && open) walk(unit.id, level + 1)
    }
  }
  walk(null, 1)
  return rows
}

/** Where a unit may be moved: kinds fit, and not below itself. */
export function placesFor(unit: OrganisationUnit, units: readonly OrganisationUnit[]): OrganisationUnit[] {
  const inside = new Set([unit.id])
  for (const one of units) if (one.parent_id && inside.has(one.parent_id)) inside.add(one.id)
  return units.filter(one => ABOVE[unit.kind].includes(one.kind) && !inside.has(one.id) && one.id !== unit.parent_id && one.may.includes('edit'))
}

/** The later of two days. */
export const later = (one: string, other: string): string => one > other ? one : other
