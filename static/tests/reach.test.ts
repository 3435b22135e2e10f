import { describe, expect, test } from 'vitest'
import { Reach } from '@/protocol/reach'

describe('whether the server is in reach', () => {
  test('silence is what was asked in vain while nobody else was answered', () => {
    const reach = new Reach()
    reach.heard(1_000)
    reach.missed(900)
    expect(reach.silent).toBe(false)
    reach.missed(1_001)
    expect(reach.silent).toBe(true)
  })

  test('any answer ends it, and everybody who waits is told once, the urgent before the others', () => {
    const reach = new Reach()
    const told: string[] = []
    reach.follow(() => told.push('viewer'))
    const leave = reach.follow(() => told.push('gone'))
    reach.follow(() => told.push('publisher'), true)
    leave()
    reach.heard(0)
    reach.missed(1)
    reach.missed(2)
    expect(told).toEqual([])
    reach.heard(3)
    reach.heard(4)
    expect(told).toEqual(['publisher', 'viewer'])
  })

  test('it lasts as long as somebody still asks in vain', () => {
    let nowMs = 0
    const reach = new Reach(() => nowMs)
    reach.missed(1)
    nowMs = 19_999
    expect(reach.silent).toBe(true)
    reach.missed(15_000)
    nowMs = 39_998
    expect(reach.silent).toBe(true)
    nowMs = 40_000
    expect(reach.silent).toBe(false)
  })

  test('whom nobody asks any more is not called silent', () => {
    const reach = new Reach()
    reach.missed(1)
    reach.forget()
    expect(reach.silent).toBe(false)
  })
})
