import { beforeEach, describe, expect, test } from 'vitest'
import { AnswerCommands } from '@/protocol/answering'
import type { Quiz } from '@/protocol/model'
import { isOver, keepUnsent, unsent, type Unsent } from '@/session/unsent'

const one: Unsent = { round: 1, choice: ['a'], id: 'c1', nth: 1 }
const asked = (over: Partial<Quiz> = {}) => ({ id: 'q1', closed_at: null, my_choice: null, round: 1, ...over }) as Quiz

describe('an answer that nobody has acknowledged', () => {
  beforeEach(() => {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => { kept.set(key, text) },
      removeItem: (key: string) => { kept.delete(key) },
    }
    Object.defineProperty(globalThis, 'sessionStorage', { value: storage, configurable: true })
  })

  test('is there after a reload, for who gave it and in that lesson alone', () => {
    keepUnsent('me', 'l1', 'q1', one)
    expect(unsent('me', 'l1')).toEqual({ q1: one })
    expect(unsent('somebody', 'l1')).toEqual({})
    expect(unsent('me', 'l2')).toEqual({})
  })

  test('is gone with the word of the server, and others stay', () => {
    keepUnsent('me', 'l1', 'q1', one)
    keepUnsent('me', 'l1', 'q2', { ...one, id: 'c2' })
    keepUnsent('me', 'l1', 'q1', null)
    expect(Object.keys(unsent('me', 'l1'))).toEqual(['q2'])
    keepUnsent('me', 'l1', 'q2', null)
    expect(unsent('me', 'l1')).toEqual({})
  })

  test('goes out once more only where it may still count', () => {
    expect(isOver(asked(), one)).toBe(false)
    expect(isOver(undefined, one)).toBe(true)
    expect(isOver(asked({ closed_at: '2026-11-22T01:01:00Z' }), one)).toBe(true)
    expect(isOver(asked({ round: 2 }), one)).toBe(true)
    expect(isOver(asked({ my_choice: ['b'], my_nth: 1 }), one)).toBe(true)
    expect(isOver(asked({ my_choice: ['b'], my_nth: 1, keep: 'last' }), { ...one, nth: 2 })).toBe(false)
    expect(isOver(asked({ my_choice: ['b'], my_nth: 2, keep: 'last' }), { ...one, nth: 2 })).toBe(true)
  })

  test('goes out under the command of before', () => {
    const commands = new AnswerCommands(() => 'new')
    commands.know('q1', ['a'], one)
    expect(commands.of(asked(), 'q1', ['a'])).toMatchObject({ id: 'c1', nth: 1 })
    expect(commands.of(asked({ keep: 'last' }), 'q1', ['b'])).toMatchObject({ id: 'new', nth: 2 })
  })
})
