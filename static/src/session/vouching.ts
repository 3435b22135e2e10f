/** The calls of leave: they come with the parts that make them. */

import type { AttendanceStanding, RosterItem } from '@/protocol/model'
import type { Correction, Corrections, Doubtful, Finding, Leave, Place, PresenceCheck, VenueNetwork } from '@/protocol/vouching'
import { rest } from './api'

export const vouching = {
  checks: async (lesson: string) => (await rest.json<{ items: PresenceCheck[] }>('GET', `/api/v1/lessons/${lesson}/checks`)).items,
  /** Under an id of the caller's: it is tried until the time is over. */
  confirm: (check: string, commandId: string) => rest.json<unknown>('POST', `/api/v1/checks/${check}/answer`, { body: { command_id: commandId } }),
  doubts: async (lesson: string) => (await rest.json<{ items: Doubtful[] }>('GET', `/api/v1/lessons/${lesson}/doubts`)).items,
  decideDoubt: (lesson: string, memberId: string, outcome: Finding, reason: string) => rest.command<Doubtful>(`/api/v1/lessons/${lesson}/findings`, { member_id: memberId, outcome, reason }),
  networks: async () => (await rest.json<{ items: VenueNetwork[] }>('GET', '/api/v1/venue-networks')).items,
  setNetwork: (venue: string, networks: string[], shares: boolean) => rest.command<VenueNetwork>(`/api/v1/venues/${venue}/network`, { networks, shares_device: shares }, 'PUT'),
  corrections: (lesson: string) => rest.json<Corrections>('GET', `/api/v1/lessons/${lesson}/corrections`),
  correct: (lesson: string, memberId: string, standing: AttendanceStanding, reason: string) => rest.command<Correction>(`/api/v1/lessons/${lesson}/corrections`, { member_id: memberId, standing, reason }),
  decideCorrection: (id: string, approve: boolean, answer: string) => rest.command<Correction>(`/api/v1/corrections/${id}/decision`, { approve, answer }),
  place: (lesson: string) => rest.json<Place>('GET', `/api/v1/lessons/${lesson}/place`),
  choosePlace: (lesson: string, venue: string | null) => rest.command<Place>(`/api/v1/lessons/${lesson}/place`, { lesson_venue_id: venue }, 'PUT'),
  changePlace: (lesson: string, memberId: string, venue: string | null, reason: string) => rest.command<RosterItem>(`/api/v1/lessons/${lesson}/places`, { member_id: memberId, lesson_venue_id: venue, reason }),
  leaves: async (lesson: string) => (await rest.json<{ items: Leave[] }>('GET', `/api/v1/lessons/${lesson}/leaves`)).items,
  askLeave: (lesson: string, reason: string) => rest.command<Leave>(`/api/v1/lessons/${lesson}/leaves`, { reason }),
  takeDownLeave: (lesson: string, memberId: string, reason: string) => rest.command<Leave>(`/api/v1/lessons/${lesson}/leaves`, { reason, member_id: memberId }),
  withdrawLeave: (leave: string) => rest.command<Leave>(`/api/v1/leaves/${leave}/withdraw`, {}),
  decideLeave: (leave: string, approve: boolean, answer: string) => rest.command<Leave>(`/api/v1/leaves/${leave}/decision`, { approve, answer }),
}
