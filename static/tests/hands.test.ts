/** The queue as a page knows it: what was read, and the events on top. */

import { describe, expect, it } from 'vitest'
import { afterEvent, NO_HANDS, withHand, type Onlooker } from '@/protocol/hands'
import type { Hand, Hands } from '@/protocol/model'

const hand = (id: string, changes: Partial<Hand> = {}): Hand => ({
  id, kind: 'member', speaker_id: `m-${id}`, name: id, unit: '一支部', topic: '', through: null, source: `member-m-${id}`, state: 'waiting',
  raised_at: `2026-11-22T09:00:0${id}Z`, position: null, expires_at: null, on_air_at: null, ended_at: null, ...changes,
})
const staff: Onlooker = { mine: [], staff: true }
const member: Onlooker = { mine: ['m-2'], staff: false }
const heard = (hands: Hands, kind: string, data: object, who: Onlooker) =>
  afterEvent(hands, { seq: hands.seq + 1, at: '', kind, data: data as Record<string, unknown> }, who)

describe('staff', () => {
  it('keeps the order of raising, whatever the order of the events', () => {
    const queue = ['2', '1', '3'].reduce((hands, id) => heard(hands, 'hand.raised', hand(id), staff), NO_HANDS)
    expect(queue.queue.map(one => [one.id, one.position])).toEqual([['1', 1], ['2', 2], ['3', 3]])
  })

  it('moves a hand from the queue to the air and into the history', () => {
    let hands = heard(heard(NO_HANDS, 'hand.raised', hand('1'), staff), 'hand.raised', hand('2'), staff)
    hands = heard(hands, 'hand.changed', hand('1', { state: 'invited' }), staff)
    expect([hands.active?.id, hands.waiting]).toEqual(['1', 1])
    hands = heard(hands, 'hand.changed', hand('1', { state: 'on_air' }), staff)
    expect(hands.active?.state).toBe('on_air')
    hands = heard(hands, 'hand.changed', hand('1', { state: 'done' }), staff)
    expect([hands.active, hands.ended.map(one => one.id)]).toEqual([null, ['1']])
  })

  it('is not taken back by what is older: an event of before the reading, an answer that comes late', () => {
    const read: Hands = { ...NO_HANDS, seq: 50, ended: [hand('1', { state: 'done' })] }
    expect(afterEvent(read, { seq: 50, at: '', kind: 'hand.raised', data: { ...hand('2') } }, staff)).toBe(read)
    expect(withHand(read, hand('1'), staff).queue).toEqual([])
    const asked: Hands = { ...NO_HANDS, active: hand('1', { state: 'on_air' }) }
    expect(withHand(asked, hand('1'), staff).queue).toEqual([])
  })
})

describe('a member', () => {
  const up = withHand(NO_HANDS, hand('2', { position: 3 }), member)

  it('moves up when somebody in front leaves, and not otherwise', () => {
    expect(heard(up, 'hands.moved', { position: 1 }, member).own?.position).toBe(2)
    expect(heard(up, 'hands.moved', { position: 4 }, member).own?.position).toBe(3)
    expect(heard(up, 'hands.moved', { position: null }, member).own?.position).toBe(3)
  })

  it('keeps the place through events that do not name it, and loses it with the turn', () => {
    expect(heard(up, 'hand.raised', hand('2'), member).own?.position).toBe(3)
    expect(heard(up, 'hand.changed', hand('2', { state: 'invited' }), member).own?.position).toBeNull()
  })

  it('has no hand after its end, and never somebody else’s', () => {
    expect(heard(up, 'hand.changed', hand('2', { state: 'missed' }), member).own).toBeNull()
    expect(heard(up, 'hand.raised', hand('3'), member)).toMatchObject({ own: up.own, queue: [] })
  })
})
