/** What a dialog of this page does: one change, to a unit, a group or a member. */

import type { Group, MemberDetail, OrganisationUnit, UnitFile } from '@/protocol/organisation'

/** One for each name, so that the name tells what comes with it. */
type Of<D extends string, T> = D extends D ? { does: D } & T : never

export type Step =
  | Of<'found' | 'rename' | 'move' | 'end', { unit: OrganisationUnit }>
  | Of<'rule', { file: UnitFile }>
  | Of<'group', { unit: OrganisationUnit, group: Group | null }>
  | Of<'dropGroup', { group: Group }>
  | Of<'enrol', { unit: OrganisationUnit | null }>
  | Of<'kind' | 'unit' | 'loan' | 'back' | 'leave' | 'edit', { who: MemberDetail }>
