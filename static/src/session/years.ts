/** The calls about what a year asks, and of looking at a rule before it is made. They come with the pages. */

import type { CreditRuleDraft } from '@/protocol/credit'
import type { RulePreview, StudyRole, StudyRoleKind, StudyRoles, Worth, YearRule, YearRuleDraft } from '@/protocol/years'
import { rest } from './api'
import { whole } from './looking'

const NOT_TERMS: ReadonlySet<string> = new Set(['unit_id', 'name', 'since', 'until'])

export const years = {
  rules: async () => (await rest.json<{ items: YearRule[] }>('GET', '/api/v1/year-rules')).items,
  createRule: (draft: YearRuleDraft) => rest.command<YearRule>('/api/v1/year-rules', { ...draft }),
  roles: (unit: string, role: StudyRoleKind | '') => whole(cursor => rest.json<StudyRoles>('GET', `/api/v1/study-roles?${new URLSearchParams({ unit, limit: '500', ...(role ? { role } : {}), ...(cursor ? { cursor } : {}) })}`)),
  addRole: (body: { member_id: string, role: StudyRoleKind, since: string, until: string | null, reason: string }) => rest.command<StudyRole>('/api/v1/study-roles', body),
  endRole: (id: string, until: string) => rest.command<StudyRole>(`/api/v1/study-roles/${id}/end`, { until }),
  preview: (lesson: string, draft: CreditRuleDraft) => {
    const terms = Object.fromEntries(Object.entries(draft).filter(([field]) => !NOT_TERMS.has(field)))
    return rest.json<RulePreview>('POST', `/api/v1/lessons/${lesson}/rule-preview`, { body: terms })
  },
  worth: (unit: string, kind: string, startsAt: string, endsAt: string) => rest.json<Worth>('GET', `/api/v1/credit-worth?${new URLSearchParams({ unit, kind, starts_at: startsAt, ends_at: endsAt })}`),
}
