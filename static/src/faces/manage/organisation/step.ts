/** What a dialog of this page does: one change, to a unit, a group or a member. */

import type { Group, MemberDetail, OrganisationUnit, UnitFile } from '@/protocol/organisation'

export type Step =
  | { does: 'found' | 'rename' | 'move' | 'end', unit: OrganisationUnit }
  | { does: 'rule', file: UnitFile }
  | { does: 'group', unit: OrganisationUnit, group: Group | null }
  | { does: 'dropGroup', group: Group }
  | { does: 'enrol', unit: OrganisationUnit | null }
  | { does: 'kind' | 'unit' | 'loan' | 'back' | 'leave' | 'edit', who: MemberDetail }
