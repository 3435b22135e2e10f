/** The calls of venues, their devices and the kiosk: they come with the parts that make them. */

import type { Fetched, PairingCode, RegistryVenue, VenueChange, VenueDevice, VenueDraft, VenueQuery, WaitingScreen } from '@/protocol/venues'
import { randomId } from '@/protocol/rest'
import { rest } from './api'

export const venues = {
  code: () => rest.json<PairingCode>('POST', '/api/v1/pairings'),
  fetchLogin: (pairing: PairingCode) => rest.json<Fetched>('POST', `/api/v1/pairings/${pairing.id}/login`, { body: { secret: pairing.secret } }),
  registry: async (query: VenueQuery) => (await rest.json<{ items: RegistryVenue[] }>('GET', `/api/v1/venue-registry?${new URLSearchParams({ ...query })}`)).items,
  venue: (id: string) => rest.json<RegistryVenue>('GET', `/api/v1/venues/${id}`),
  history: async (id: string) => (await rest.json<{ items: VenueChange[] }>('GET', `/api/v1/venues/${id}/history`)).items,
  add: (unit: string, draft: VenueDraft) => rest.command<RegistryVenue>('/api/v1/venues', { unit_id: unit, ...draft }),
  change: (venue: RegistryVenue, draft: VenueDraft & { retired: boolean }) =>
    rest.json<RegistryVenue>('PATCH', `/api/v1/venues/${venue.id}`, { body: { command_id: randomId(), ...draft }, etag: String(venue.version) }),
  devices: async (venue: string) => (await rest.json<{ items: VenueDevice[] }>('GET', `/api/v1/venues/${venue}/devices`)).items,
  look: (venue: string, code: string) => rest.json<WaitingScreen>('POST', `/api/v1/venues/${venue}/devices/look`, { body: { code } }),
  pair: (venue: string, code: string, name: string) => rest.command<VenueDevice>(`/api/v1/venues/${venue}/devices`, { code, name }),
  revoke: (venue: string, device: string) => rest.command<VenueDevice>(`/api/v1/venues/${venue}/devices/${device}/revoke`, {}),
}
