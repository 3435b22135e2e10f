import { describe, expect, test } from 'vitest'
import { inTree, ownMembers, PHONE, totalsOf, whereOf } from '@/protocol/assigning'
import { fraction, isStale, missingTone, pageOf, percent, stepped, strayed } from '@/protocol/figures'
import { hoursText, hundredthsOf } from '@/protocol/hours'
import type { Question } from '@/protocol/model'
import { draftOf, letter, planOfQuestion } from '@/protocol/question'
import { codeAt, spaced, wantsMore } from '@/protocol/signcode'

describe('the code on the screen', () => {
  const at = (second: number) => `2026-11-22T01:00:${String(second).padStart(2, '0')}Z`
  const slot = (from: number) => ({ url: '', qr: `q${from}`, code: '012345', shows_at: at(from), until: at(from + 5) })
  const batch = [slot(0), slot(5), slot(10)]
  const ms = (second: number) => Date.parse(at(second))

  test('each slot shows in its own five seconds, and none after the batch', () => {
    expect([0, 4, 5, 14].map(second => codeAt(batch, ms(second))?.qr)).toEqual(['q0', 'q0', 'q5', 'q10'])
    expect(codeAt(batch, ms(15))).toBeNull()
    expect(codeAt(batch, ms(0) - 1)).toBeNull()
  })

  test('more is fetched while two are in hand', () => {
    expect(wantsMore(batch, ms(4))).toBe(false)
    expect(wantsMore(batch, ms(5))).toBe(true)
    expect(wantsMore([], ms(0))).toBe(true)
  })

  test('six digits are read in two breaths', () => { expect([spaced('012345'), spaced('12')]).toEqual(['012 345', '12']) })
})

describe('figures', () => {
  test('a share is rounded down, so 100 means everybody', () => {
    expect([percent(1999, 2000), percent(2000, 2000), percent(1, 3), percent(0, 4), percent(0, 0)]).toEqual(['99.9', '100', '33.3', '0', null])
  })
  test('a bar is never longer than full', () => { expect([fraction(5, 4), fraction(1, 4), fraction(1, 0)]).toEqual([1, 0.25, 0]) })
  test('numbers are old only when nobody pushes them and they were not fetched of late', () => {
    const at = '2026-11-22T01:00:00Z'
    const later = (seconds: number) => Date.parse(at) + seconds * 1000
    expect([isStale(true, at, later(600)), isStale(false, at, later(5)), isStale(false, at, later(7)), isStale(false, null, later(7))]).toEqual([false, false, true, false])
  })

  test('where nobody is expected nobody has come in full either', () => {
    expect([missingTone({ expected: 0, missing: 0 }), missingTone({ expected: 20, missing: 0 }), missingTone({ expected: 20, missing: 1 })]).toEqual(['nobody', 'none', null])
  })

  test('a place whose numbers do not add up says that somebody signed in elsewhere', () => {
    expect(strayed([{ expected: 20, present: 3, missing: 17 }, { expected: 0, present: 0, missing: 0 }])).toBe(false)
    expect(strayed([{ expected: 20, present: 5, missing: 17 }])).toBe(true)
    expect(strayed([{ expected: 20, present: 0, missing: 17 }])).toBe(true)
  })
  test('pages come round', () => {
    expect(pageOf([1, 2, 3], 2, 3)).toEqual({ rows: [3], page: 1, pages: 2 })
    expect(pageOf([], 2, 7)).toEqual({ rows: [], page: 0, pages: 1 })
  })
  test('arrow keys stay inside the list', () => {
    const go = (from: number, step: Parameters<typeof stepped>[4]) => stepped(from, 8, 3, 6, step)
    expect([go(0, 'up'), go(0, 'left'), go(1, 'down'), go(7, 'right'), go(7, 'down')]).toEqual([0, 0, 4, 7, 7])
    expect(go(5, 'down')).toBe(7) // the last row is short
    expect([go(7, 'pageup'), go(1, 'pagedown'), go(4, 'home'), go(4, 'end')]).toEqual([1, 7, 0, 7])
    expect(stepped(0, 0, 3, 6, 'down')).toBe(-1)
  })
})

describe('学时', () => {
  test('written in decimals, kept in hundredths', () => {
    expect(['2', '1.5', '0.25', ' 0 ', '100'].map(hundredthsOf)).toEqual([200, 150, 25, 0, 10_000])
    for (const bad of ['', '1.234', '-1', '100.01', '1,5', '1.', 'x', '1e2']) expect(hundredthsOf(bad), bad).toBeNull()
  })
  test('every hundredth comes back as it went', () => {
    for (let value = 0; value <= 10_000; value += 1) expect(hundredthsOf(hoursText(value))).toBe(value)
    expect(hoursText(-50)).toBe('−0.5')
  })
})

describe('a question of a lesson in its form', () => {
  const WORDS = ['正确', '错误'] as const
  const options = [{ id: 'b', text: '拔下保险销' }, { id: 'a', text: '提起灭火器' }]
  const question = (more: Partial<Question>): Question => ({ id: 'q', position: 1, kind: 'single', text: '先做什么', options, correct: ['a'], explanation: '', seconds: 30, version: 1, scoring: 1, blanks: [], ...more })

  test('an ordering comes back in its right order, whatever order it is shown in', () => {
    const draft = draftOf(planOfQuestion(question({ kind: 'ordering', correct: ['a', 'b'], scoring: 6 })), WORDS)
    expect(draft).toMatchObject({ kind: 'ordering', options: ['提起灭火器', '拔下保险销'], correct: [], scoring: 6 })
  })
  test('choices keep what is right, and how it is marked', () => {
    const draft = draftOf(planOfQuestion(question({ kind: 'multiple', correct: ['a', 'b'], scoring: 3 })), WORDS)
    expect(draft).toMatchObject({ options: ['拔下保险销', '提起灭火器'], correct: [0, 1], scoring: 3, seconds: 30 })
  })
  test('a fill-in keeps what each blank accepts', () => {
    expect(draftOf(planOfQuestion(question({ kind: 'fill_in', options: [], correct: [], blanks: [['119', '一一九'], ['120']], scoring: 4 })), WORDS).blanks).toEqual([['119', '一一九'], ['120']])
  })
  test('options are called by letters', () => { expect([0, 7].map(letter)).toEqual(['A', 'H']) })
})

describe('who is expected where', () => {
  const rows = [
    { id: 'root', parentId: null, name: '党委', members: 10 }, { id: 'a', parentId: 'root', name: '一总支', members: 5 },
    { id: 'a1', parentId: 'a', name: '一支部', members: 20 }, { id: 'b', parentId: 'root', name: '二总支', members: 7 },
  ]
  const units = new Map(rows.map(row => [row.id, row]))

  test('without any arrangement everybody is expected by phone', () => {
    expect(totalsOf(rows, {}, [])).toEqual({ expected: 42, byWhere: new Map([[PHONE, 42]]) })
  })
  test('the nearest arranged unit up the tree counts', () => {
    const choices = { root: 'v0', a: 'v1' }
    expect(rows.map(row => whereOf(row, units, choices).where)).toEqual(['v0', 'v1', 'v1', 'v0'])
    expect(whereOf({ id: 'a1', parentId: 'a', name: '一支部', members: 20 }, units, { ...choices, a1: PHONE })).toEqual({ where: PHONE, own: true })
    expect(Object.fromEntries(totalsOf(rows, choices, []).byWhere)).toEqual({ v0: 17, v1: 25 })
  })
  test('an exception leaves its unit\'s place and comes to its own, or to none', () => {
    const choices = { root: 'v0' }
    const moved = totalsOf(rows, choices, [{ memberId: 'm', unitId: 'a1', where: PHONE, expected: true }, { memberId: 'n', unitId: 'b', where: 'v0', expected: false }])
    expect([moved.expected, Object.fromEntries(moved.byWhere)]).toEqual([41, { v0: 40, phone: 1 }])
  })
  test('counted with everything below, a unit keeps only its own', () => {
    const whole = [{ ...rows[0], members: 42 }, { ...rows[1], members: 25 }, { ...rows[2] }, { ...rows[3] }] as typeof rows
    expect(ownMembers(whole).map(row => row.members)).toEqual([10, 5, 20, 7])
    expect(totalsOf(ownMembers(whole), {}, []).expected).toBe(42)
  })
  test('a tree that bites its own tail ends', () => {
    const ring = [{ id: 'x', parentId: 'y', name: '', members: 1 }, { id: 'y', parentId: 'x', name: '', members: 1 }]
    expect(totalsOf(ring, {}, []).expected).toBe(2)
  })
  test('rows stand under their parent, whatever the order they came in', () => {
    expect(inTree([...rows].reverse()).map(row => [row.id, row.depth])).toEqual([['root', 0], ['b', 1], ['a', 1], ['a1', 2]])
    expect(inTree(rows.slice(2)).map(row => row.depth)).toEqual([0, 0]) // the parents are out of sight
  })
})
