/** The calls of leave: they come with the parts that make them. */

import type { Leave } from '@/protocol/vouching'
import { rest } from './api'

export const vouching = {
  leaves: async (lesson: string) => (await rest.json<{ items: Leave[] }>('GET', `/api/v1/lessons/${lesson}/leaves`)).items,
  askLeave: (lesson: string, reason: string) => rest.command<Leave>(`/api/v1/lessons/${lesson}/leaves`, { reason }),
  takeDownLeave: (lesson: string, memberId: string, reason: string) => rest.command<Leave>(`/api/v1/lessons/${lesson}/leaves`, { reason, member_id: memberId }),
  withdrawLeave: (leave: string) => rest.command<Leave>(`/api/v1/leaves/${leave}/withdraw`, {}),
  decideLeave: (leave: string, approve: boolean, answer: string) => rest.command<Leave>(`/api/v1/leaves/${leave}/decision`, { approve, answer }),
}
