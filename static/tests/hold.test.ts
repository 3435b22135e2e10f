import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { useHold, type Hold } from '@/session/hold'

describe('a held act', () => {
  const act = vi.fn()
  beforeEach(() => { vi.useFakeTimers(); act.mockClear() })
  afterEach(() => { vi.useRealTimers() })
  const held = () => effectScope().run(() => useHold(1000, act)) as Hold

  it('is done once it was held long enough, and only once', () => {
    const hold = held()
    hold.press()
    vi.advanceTimersByTime(999)
    expect([act.mock.calls.length, hold.held.value]).toEqual([0, true])
    vi.advanceTimersByTime(5000)
    expect([act.mock.calls.length, hold.held.value]).toEqual([1, false])
  })

  it('is not done when it is let go', () => {
    const hold = held()
    hold.press()
    vi.advanceTimersByTime(900)
    hold.release()
    vi.advanceTimersByTime(5000)
    expect([act.mock.calls.length, hold.held.value]).toEqual([0, false])
  })

  it('does not begin anew while it is held', () => {
    const hold = held()
    hold.press()
    vi.advanceTimersByTime(600)
    hold.press()
    vi.advanceTimersByTime(400)
    expect(act).toHaveBeenCalledTimes(1)
  })
})
