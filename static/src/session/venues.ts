/** The calls of venues, their devices and the kiosk: they come with the parts that make them. */

import type { Fetched, PairingCode, VenueDevice } from '@/protocol/venues'
import { rest } from './api'

export const venues = {
  code: () => rest.json<PairingCode>('POST', '/api/v1/pairings'),
  fetchLogin: (pairing: PairingCode) => rest.json<Fetched>('POST', `/api/v1/pairings/${pairing.id}/login`, { body: { secret: pairing.secret } }),
  devices: async (venue: string) => (await rest.json<{ items: VenueDevice[] }>('GET', `/api/v1/venues/${venue}/devices`)).items,
  pair: (venue: string, code: string, name: string) => rest.command<VenueDevice>(`/api/v1/venues/${venue}/devices`, { code, name }),
  revoke: (venue: string, device: string) => rest.command<VenueDevice>(`/api/v1/venues/${venue}/devices/${device}/revoke`, {}),
}
