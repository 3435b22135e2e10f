/** The queue of hands as one page knows it: what was read, and the events on top. No I/O. */

import type { Hand, Hands, LessonLogEvent } from './model'

const ENDED_LIMIT = 50
const OPEN: readonly Hand['state'][] = ['waiting', 'invited', 'on_air']

export const NO_HANDS: Hands = { seq: 0, server_time: '', waiting: 0, own: null, active: null, queue: [], ended: [] }

export const isOpen = (hand: Hand) => OPEN.includes(hand.state)

/** Whose page it is: the ids under which the own hand comes, and whether the queue is shown at all. */
export interface Onlooker { mine: readonly string[], staff: boolean }

export function afterEvent(hands: Hands, event: LessonLogEvent, who: Onlooker): Hands {
  if (event.seq <= hands.seq) return hands
  const next = { ...hands, seq: event.seq }
  if (event.kind === 'hands.moved') return movedUp(next, event.data.position)
  const told = event.kind === 'hand.raised' || event.kind === 'hand.changed' ? handOf(event.data) : null
  return told ? withHand(next, told, who) : next
}

/** What a command gave back. */
export function withHand(hands: Hands, hand: Hand, who: Onlooker): Hands {
  const next = who.staff ? { ...hands, ...sorted(hands, hand) } : hands
  return who.mine.includes(hand.speaker_id) ? { ...next, own: ownOf(hands, hand) } : next
}

/** An older word about a hand never undoes a newer one: it only goes forward. */
function sorted(hands: Hands, hand: Hand): Pick<Hands, 'active' | 'queue' | 'ended' | 'waiting'> {
  const over = hands.ended.some(one => one.id === hand.id)
  if (over || (hand.state === 'waiting' && hands.active?.id === hand.id)) return hands
  const others = hands.queue.filter(one => one.id !== hand.id)
  const queue = (hand.state === 'waiting' ? [...others, hand].sort(byTime) : others).map((one, index) => ({ ...one, position: index + 1 }))
  const active = hand.state === 'invited' || hand.state === 'on_air' ? hand : hands.active?.id === hand.id ? null : hands.active
  const ended = isOpen(hand) ? hands.ended : [hand, ...hands.ended].slice(0, ENDED_LIMIT)
  return { active, queue, ended, waiting: queue.length }
}

function ownOf(hands: Hands, hand: Hand): Hand | null {
  if (!isOpen(hand)) return hands.own?.id === hand.id ? null : hands.own
  const position = hand.state === 'waiting' ? hand.position ?? (hands.own?.id === hand.id ? hands.own.position : null) : null
  return { ...hand, position }
}

function movedUp(hands: Hands, place: unknown): Hands {
  const { own } = hands
  if (typeof place !== 'number' || own?.state !== 'waiting' || own.position === null || own.position <= place) return hands
  return { ...hands, own: { ...own, position: own.position - 1 } }
}

const byTime = (a: Hand, b: Hand) => a.raised_at < b.raised_at ? -1 : a.raised_at > b.raised_at ? 1 : a.id < b.id ? -1 : 1

function handOf(data: Record<string, unknown>): Hand | null {
  const { id, speaker_id: speaker, state } = data
  if (typeof id !== 'string' || typeof speaker !== 'string' || typeof state !== 'string') return null
  return { position: null, ...data } as unknown as Hand
}
