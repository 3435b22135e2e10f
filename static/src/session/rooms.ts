/** The calls of a room's operators, and of somebody at a room that he operates: they come with the parts that make them. */

import type { Board, DirectorNotice, Help, Page, RosterItem, RosterState, Urgency } from '@/protocol/model'
import { contactOf, type Candidate, type HelpedPage, type MyRoom, type Operators, type RoomNow, type WalkIns } from '@/protocol/rooms'
import type { Readiness } from '@/protocol/readiness'
import { rest } from './api'
import { whole } from './looking'

const of = (lesson: string) => `/api/v1/lessons/${lesson}`
const listed = (lesson: string, room: string, state: RosterState) => whole(cursor => rest.json<Page<RosterItem>>('GET', `${of(lesson)}/roster?state=${state}&venue=${room}&limit=200${cursor ? `&cursor=${cursor}` : ''}`))

export const operators = {
  list: (venue: string) => rest.json<Operators>('GET', `/api/v1/venues/${venue}/operators`),
  find: async (venue: string, q: string) => (await rest.json<{ items: Candidate[] }>('GET', `/api/v1/venues/${venue}/operators/candidates?${new URLSearchParams({ q })}`)).items,
  assign: (venue: string, account: string, since: string | null, until: string | null) => rest.command<Operators>(`/api/v1/venues/${venue}/operators`, { account_id: account, since, until }),
  end: (venue: string, id: string, until: string | null) => rest.command<Operators>(`/api/v1/venues/${venue}/operators/${id}/end`, { until }),
}

export const rooms = {
  mine: async () => (await rest.json<{ items: MyRoom[] }>('GET', '/api/v1/my-rooms')).items,
  now: (lesson: string, room: string) => rest.json<RoomNow>('GET', `${of(lesson)}/room?lesson_venue_id=${room}`),
  board: (lesson: string, room: string) => rest.json<Board>('GET', `${of(lesson)}/board?lesson_venue_id=${room}`),
  missing: (lesson: string, room: string) => listed(lesson, room, 'missing'),
  walkedIn: (lesson: string, room: string) => listed(lesson, room, 'walked_in'),
  walkInNames: (lesson: string, room: string, typed: string) => rest.json<WalkIns>('POST', `${of(lesson)}/walk-ins/names`, { body: { typed, lesson_venue_id: room } }),
  walkIn: (lesson: string, room: string, member: string, reason: string) => rest.command<RosterItem>(`${of(lesson)}/walk-ins`, { member_id: member, lesson_venue_id: room, reason }),
  readiness: async (lesson: string, room: string) => (await rest.json<{ items: Readiness[] }>('GET', `${of(lesson)}/preflights`)).items.find(one => one.lesson_venue_id === room) ?? null,
  answer: (lesson: string, room: string) => rest.command(`${of(lesson)}/roll-call/answer`, { lesson_venue_id: room }),
  kiosk: (lesson: string, room: string, on: boolean) => rest.command(`${of(lesson)}/kiosk`, { on, lesson_venue_id: room }),
  unanswered: (quiz: string, room: string) => rest.json<HelpedPage>('GET', `/api/v1/quizzes/${quiz}/assisted-answers?lesson_venue_id=${room}`),
  answerFor: (quiz: string, member: string, choice: readonly string[], reason: string) => rest.command(`/api/v1/quizzes/${quiz}/assisted-answers`, { member_id: member, choice, reason }),
  contact: async (lesson: string, room: string) => {
    const [helps, notices] = await Promise.all([rest.json<{ items: Help[] }>('GET', `${of(lesson)}/helps`), rest.json<{ items: DirectorNotice[] }>('GET', `${of(lesson)}/notices`)])
    return contactOf(helps.items, notices.items, room)
  },
  call: (lesson: string, room: string, urgency: Urgency, text: string) => rest.command<Help>(`${of(lesson)}/helps`, { urgency, text, lesson_venue_id: room }),
  closeCall: (lesson: string, help: string) => rest.command<Help>(`${of(lesson)}/helps/${help}/close`, {}),
  understood: (lesson: string, notice: string) => rest.command<DirectorNotice>(`${of(lesson)}/notices/${notice}/read`, {}),
  sign: (lesson: string, preflight: string, reason: string) => rest.command(`${of(lesson)}/preflights/${preflight}/sign`, { reason }),
}
