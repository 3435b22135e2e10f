/** The hall's screen: how it shares two pictures, and one press at a time. */
import { describe, expect, test } from 'vitest'
import { useAct } from '@/session/acting'
import { layoutAfter, layoutOf, VENUE_LAYOUTS } from '@/session/venuelayout'

describe('two pictures on a hall’s screen', () => {
  test('stand side by side until somebody chooses, also where another version left its word', () => {
    for (const unknown of [undefined, null, 7, 'mosaic', {}]) expect(layoutOf(unknown)).toBe('even')
    expect(layoutOf('camera')).toBe('camera')
  })

  test('one key goes through all of them and comes back', () => {
    const seen = VENUE_LAYOUTS.map((_, index) => Array.from({ length: index }).reduce<'even' | 'slides' | 'camera'>(layoutAfter, 'even'))
    expect(seen).toEqual(['even', 'slides', 'camera'])
    expect(layoutAfter('camera')).toBe('even')
  })
})

describe('one piece of work', () => {
  test('a second press while one runs does nothing', async () => {
    const { busy, act } = useAct()
    let done = 0
    let finish = (): void => undefined
    const first = act(() => new Promise<void>((resolve) => { finish = () => { done += 1; resolve() } }))
    expect(busy.value).toBe(true)
    expect(await act(() => Promise.resolve(done += 1))).toBe(false)
    finish()
    expect(await first).toBe(true)
    expect([done, busy.value]).toEqual([1, false])
  })

  test('the next one says nothing of the failure before', async () => {
    const { busy, failed, act } = useAct()
    expect(await act(() => Promise.reject(new Error('no')))).toBe(false)
    expect([failed.value === '', busy.value]).toEqual([false, false])
    expect(await act(() => Promise.resolve())).toBe(true)
    expect(failed.value).toBe('')
  })
})
