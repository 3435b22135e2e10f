/** What a tab was doing survives a reload, and a storage that is closed costs nothing else. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { remember, remembered } from '@/session/resuming'

afterEach(() => { vi.unstubAllGlobals() })

function storage(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => { kept.set(key, value) },
    removeItem: (key: string) => { kept.delete(key) },
  } as Storage
}

describe('a tab', () => {
  test('knows what it was doing in that lesson, and in no other', () => {
    vi.stubGlobal('sessionStorage', storage())
    remember('desk', 'a', { muted: true })
    expect(remembered<{ muted: boolean }>('desk', 'a')).toEqual({ muted: true })
    expect([remembered('desk', 'b'), remembered('venue', 'a')]).toEqual([null, null])
    remember('desk', 'a', null)
    expect(remembered('desk', 'a')).toBeNull()
  })

  test('without a storage, or with rubbish in it, begins anew', () => {
    vi.stubGlobal('sessionStorage', undefined)
    remember('desk', 'a', { muted: true })
    expect(remembered('desk', 'a')).toBeNull()
    vi.stubGlobal('sessionStorage', { getItem: () => '{' })
    expect(remembered('desk', 'a')).toBeNull()
  })
})
