/** The calls of planned launches: they come with the parts that make them. */

import type { Planned, Planning } from '@/protocol/planned'
import { rest } from './api'

export const plannedCalls = {
  list: async (lesson: string) => (await rest.json<{ items: Planned[] }>('GET', `/api/v1/lessons/${lesson}/planned-launches`)).items,
  plan: (lesson: string, plan: Planning) => rest.command<Planned>(`/api/v1/lessons/${lesson}/planned-launches`, { ...plan }),
  launch: (id: string) => rest.command<Planned>(`/api/v1/planned-launches/${id}/launch`, {}),
  delay: (id: string) => rest.command<Planned>(`/api/v1/planned-launches/${id}/delay`, {}),
  cancel: (id: string) => rest.command<Planned>(`/api/v1/planned-launches/${id}/cancel`, {}),
}
