/** The calls of inquiries, signals and chapters: they come with the parts that make them. */

import type { Mute } from '@/protocol/chat'
import type { Chapter, Inquiry, InquiryDesk, InquiryPage, InquiryStep, InquiryVote, Signal } from '@/protocol/inquiries'
import { rest } from './api'

const PAGE_LIMIT = 200
const MAX_PAGES = 50

export const talk = {
  /** All of them, read as of the first page's `seq`: what came meanwhile is heard again. */
  async inquiries(id: string): Promise<InquiryPage> {
    const path = `/api/v1/lessons/${id}/inquiries?limit=${PAGE_LIMIT}`
    const whole = await rest.json<InquiryPage>('GET', path)
    for (let page = 1; whole.next_cursor !== null && page < MAX_PAGES; page += 1) {
      const next: InquiryPage = await rest.json<InquiryPage>('GET', `${path}&cursor=${encodeURIComponent(whole.next_cursor)}`)
      whole.items.push(...next.items)
      whole.next_cursor = next.next_cursor
    }
    return whole
  },

  ask: (id: string, text: string) => rest.command<Inquiry>(`/api/v1/lessons/${id}/inquiries`, { text }),
  vote: (id: string, up: boolean) => rest.command<InquiryVote>(`/api/v1/inquiries/${id}/vote`, { up }),
  step: (id: string, step: InquiryStep, into?: string) => rest.command<Inquiry>(`/api/v1/inquiries/${id}/steps`, { step, ...(into ? { into } : {}) }),
  assign: (id: string, to: string) => rest.command<Inquiry>(`/api/v1/inquiries/${id}/assign`, { to }),
  mute: (id: string, minutes: number, reason: string) => rest.command<Mute>(`/api/v1/inquiries/${id}/mute`, { minutes, reason }),
  reply: (id: string, answer: string) => rest.command<Inquiry>(`/api/v1/inquiries/${id}/answer`, { answer }),
  decide: async (id: string, step: 'approve' | 'decline', ids: readonly string[]) =>
    (await rest.command<{ items: Inquiry[] }>(`/api/v1/lessons/${id}/inquiries/decisions`, { step, ids })).items,
  order: (id: string, ids: readonly string[]) => rest.command<{ ids: string[] }>(`/api/v1/lessons/${id}/inquiries/order`, { ids }),
  desk: (id: string, change: Partial<InquiryDesk>) => rest.command<InquiryDesk>(`/api/v1/lessons/${id}/inquiries/desk`, { ...change }),

  signal: (id: string, signal: Signal | null) => rest.json<undefined>('POST', `/api/v1/lessons/${id}/signals`, { body: { signal } }),
  chapters: async (id: string) => (await rest.json<{ items: Chapter[] }>('GET', `/api/v1/lessons/${id}/chapters`)).items,
  markChapter: (id: string, title: string) => rest.command<Chapter>(`/api/v1/lessons/${id}/chapters`, { title }),
  removeChapter: (id: string) => rest.json<undefined>('DELETE', `/api/v1/chapters/${id}`),
  nameChapter: (id: string, title: string) => rest.command<Chapter>(`/api/v1/chapters/${id}`, { title }),
}
