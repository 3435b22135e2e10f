import { describe, expect, test } from 'vitest'
import { AnswerCommands, ATTEMPTS, channelOf, deliver, waitAfter, type Ways } from '@/protocol/answering'
import { countdown, spoken } from '@/protocol/countdown'
import type { AnswerReceipt, LessonLogEvent, Quiz, QuizResult } from '@/protocol/model'
import { Refusal, unreachable } from '@/protocol/problem'
import { afterEvent, afterOwn, answerOf, blankAnswer, chosen, latestOf, merged, momentOf, NOTHING_SENT, openedAgain, outcomeOf, ownUnit, runningOf, share, shownOptions, shownAnswer, viewOf } from '@/protocol/sheet'

const result: QuizResult = { answered: 10, right: 7, distribution: { a: 7, b: 3 }, correct: ['a'], explanation: '因为', units: [] }
function quiz(over: Partial<Quiz> = {}): Quiz {
  return {
    id: 'q1', lesson_id: 'l', question_id: 'k1', number: 1, kind: 'single', text: '题', options: [{ id: 'a', text: '甲' }, { id: 'b', text: '乙' }, { id: 'c', text: '丙' }],
    seconds: 60, launched_at: '2026-11-22T01:00:00Z', deadline_at: '2026-11-22T01:01:00Z', closed_at: null, server_time: '2026-11-22T01:00:00Z',
    my_choice: null, answered: null, expected: null, result: null, ...over,
  }
}
const refusal = (code: string, status: number, retryAfterMs: number | null = null) =>
  new Refusal({ status, code, title: code, title_en: code }, retryAfterMs)
const receipt: AnswerReceipt = { quiz_id: 'q1', choice: ['a'], received_at: '2026-11-22T01:00:10Z' }

describe('the countdown', () => {
  test('a second that has begun still counts, zero is zero', () => {
    expect(countdown(60_000, 60, 59_001)).toMatchObject({ seconds: 1, over: false, urgent: true })
    expect(countdown(60_000, 60, 60_000)).toMatchObject({ seconds: 0, over: true, urgent: false, fraction: 0 })
    expect(countdown(60_000, 60, 30_000)).toMatchObject({ seconds: 30, fraction: 0.5, urgent: false })
  })

  test('a phone whose clock is a day off before the first beat shows neither 24 hours nor less than nothing', () => {
    const day = 86_400_000
    expect(countdown(60_000, 60, -day)).toMatchObject({ seconds: 60, fraction: 1 })
    expect(countdown(60_000, 60, day)).toMatchObject({ seconds: 0, fraction: 0 })
  })

  test('it is spoken seldom', () => {
    expect(Array.from({ length: 61 }, (_, second) => second).filter(spoken)).toEqual([0, 5, 10, 30])
  })
})

describe('how an answer travels', () => {
  function ways(socket: (() => AnswerReceipt)[], https: (() => AnswerReceipt)[], over: Partial<Ways> = {}) {
    const sent: string[] = []
    const pauses: number[] = []
    const by = (name: string, answers: (() => AnswerReceipt)[]) => async (id: string) => {
      sent.push(`${name} ${id}`)
      const next = answers.shift()
      if (!next) throw unreachable()
      return Promise.resolve(next())
    }
    const all: Ways = {
      socketUp: () => true, socket: by('socket', socket), https: by('https', https), left: () => false, chance: () => 0.5, onAgain: () => undefined,
      pause: (ms) => { pauses.push(ms); return Promise.resolve() }, ...over,
    }
    return { all, sent, pauses }
  }

  test('over the socket, once', async () => {
    const { all, sent } = ways([() => receipt], [])
    expect(await deliver('c', all)).toBe(receipt)
    expect(sent).toEqual(['socket c'])
  })

  test('a lost ack goes on by HTTPS under the same id', async () => {
    const { all, sent } = ways([], [() => { throw refusal('busy', 503) }, () => receipt])
    expect(await deliver('c', all)).toBe(receipt)
    expect(sent).toEqual(['socket c', 'https c', 'https c'])
  })

  test('without a socket HTTPS is asked at once', async () => {
    const { all, sent } = ways([], [() => receipt], { socketUp: () => false })
    await deliver('c', all)
    expect(sent).toEqual(['https c'])
    expect(channelOf(2, true)).toBe('https')
  })

  test('a no of the server is final', async () => {
    for (const code of ['quiz_closed', 'already_answered', 'option_unknown', 'not_on_roster']) {
      const { all, sent } = ways([() => { throw refusal(code, 409) }], [() => receipt])
      await expect(deliver('c', all)).rejects.toMatchObject({ code })
      expect(sent).toHaveLength(1)
    }
  })

  test('trying ends some time, and when the page was left', async () => {
    const dead = ways([], [])
    await expect(deliver('c', dead.all)).rejects.toMatchObject({ code: 'unreachable' })
    expect(dead.sent).toHaveLength(ATTEMPTS)
    expect(dead.pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(120_000)
    const left = ways([], [], { left: () => true })
    await expect(deliver('c', left.all)).rejects.toMatchObject({ code: 'unreachable' })
    expect(left.sent).toHaveLength(1)
  })

  test('waits grow, are spread, and the server’s own wish is kept', () => {
    const waits = [1, 2, 3, 4, 5, 20].map(attempt => waitAfter(attempt, unreachable(), 0.5))
    expect(waits).toEqual([200, 600, 1_200, 2_500, 5_000, 5_000])
    expect(waitAfter(1, unreachable(), 0)).toBeLessThan(waitAfter(1, unreachable(), 0.99) ?? 0)
    expect(waitAfter(1, refusal('too_fast', 429, 2_000), 0)).toBe(2_000)
  })

  test('what another answer stood against goes out anew, as a later one', () => {
    let ids = 0
    const commands = new AnswerCommands(() => `c${++ids}`)
    expect(commands.of(quiz({ keep: 'last' }), 'q1', ['b'])).toEqual({ id: 'c1', nth: 1 })
    expect(commands.of(quiz({ keep: 'last' }), 'q1', ['b'])).toEqual({ id: 'c1', nth: 1 })
    // already_answered: a tablet, or an operator, was first; the list says so now.
    commands.forget('q1', ['b'])
    expect(commands.of(quiz({ keep: 'last', my_choice: ['a'], my_nth: 1 }), 'q1', ['b'])).toEqual({ id: 'c2', nth: 2 })
    expect(commands.of(quiz({ keep: 'last', my_choice: ['b'], my_nth: 2 }), 'q1', ['a'])).toEqual({ id: 'c3', nth: 3 })
    expect(commands.of(quiz({ keep: 'last', my_choice: ['a'], my_nth: 3 }), 'q1', ['b'])).toEqual({ id: 'c4', nth: 4 })
  })

  test('a fault of the page is not taken for a bad line', async () => {
    const { all, sent } = ways([() => { throw new TypeError('ours') }], [() => receipt])
    await expect(deliver('c', all)).rejects.toBeInstanceOf(TypeError)
    expect(sent).toHaveLength(1)
  })
})

describe('what the sheet shows', () => {
  const sending = { name: 'sending', choice: ['a'], again: false } as const
  const failed = { name: 'failed', choice: ['a'], code: 'quiz_closed' } as const
  test.each([
    [quiz(), NOTHING_SENT, false, 'choose'],
    [quiz(), NOTHING_SENT, true, 'over'],
    [quiz({ closed_at: 'x' }), NOTHING_SENT, false, 'over'],
    [quiz(), sending, false, 'sending'],
    [quiz(), sending, true, 'sending'],
    [quiz(), failed, true, 'failed'],
    [quiz({ my_choice: ['a'] }), failed, false, 'sent'],
    [quiz({ my_choice: ['a'] }), NOTHING_SENT, true, 'sent'],
    [quiz({ closed_at: 'x', result }), sending, true, 'result'],
  ])('%#', (given, state, over, view) => { expect(viewOf(given, state, over)).toBe(view) })

  test('one of several, or some of several in the order of the question', () => {
    expect(chosen(quiz(), ['a'], 'b')).toEqual(['b'])
    const multiple = quiz({ kind: 'multiple' })
    expect(chosen(multiple, ['c'], 'a')).toEqual(['a', 'c'])
    expect(chosen(multiple, ['a', 'c'], 'a')).toEqual(['c'])
  })

  test('several answers are right only as a whole', () => {
    const several = { ...result, correct: ['a', 'c'] }
    expect(outcomeOf(quiz({ kind: 'multiple', my_choice: ['c', 'a'], result: several }))).toBe('right')
    expect(outcomeOf(quiz({ kind: 'multiple', my_choice: ['a'], result: several }))).toBe('wrong')
    expect(outcomeOf(quiz({ result }))).toBe('missed')
  })

  test('shares are of those who answered', () => {
    expect(share(7, 10)).toBe(70)
    expect(share(0, 0)).toBe(0)
  })

  test('the own unit, or the only one that was told', () => {
    const unit = (id: string) => ({ unit_id: id, name: id, expected: 3, answered: 2, right: 1 })
    expect(ownUnit({ ...result, units: [unit('u1'), unit('u2')] }, 'u2')?.unit_id).toBe('u2')
    expect(ownUnit({ ...result, units: [unit('u1')] }, 'elsewhere')?.unit_id).toBe('u1')
    expect(ownUnit({ ...result, units: [unit('u1'), unit('u2')] }, null)).toBeNull()
    expect(ownUnit(result, 'u1')).toBeNull()
  })
})

describe('the list of questions', () => {
  const event = (kind: string, data: Record<string, unknown>): LessonLogEvent => ({ seq: 1, at: '2026-11-22T01:00:00Z', kind, data })
  const { question_id, number, kind, text, options, seconds, deadline_at } = quiz()
  const launch = event('quiz.launched', { quiz_id: 'q1', question_id, number, kind, text, options, seconds, deadline_at })
  const close = event('quiz.closed', { quiz_id: 'q1', number, answered: 10, right: 7, distribution: { a: 7, b: 3 }, correct: ['a'], explanation: '因为' })

  test('a launched question is there once, however often it is heard', () => {
    const once = afterEvent([], 'l', launch)
    expect(once).toEqual([quiz()])
    expect(afterEvent(once, 'l', launch)).toBe(once)
    expect(runningOf(once)?.id).toBe('q1')
  })

  test('closing brings the result and keeps the own answer', () => {
    const [closed] = afterEvent([quiz({ my_choice: ['b'] })], 'l', close)
    expect(closed).toMatchObject({ my_choice: ['b'], closed_at: '2026-11-22T01:00:00Z', result: { right: 7, correct: ['a'] } })
    expect(runningOf([closed ?? quiz()])).toBeNull()
  })

  test('other events change nothing', () => {
    const list = [quiz()]
    expect(afterEvent(list, 'l', event('stage.taken', {}))).toBe(list)
  })

  test('a reading that began before the answer does not take the answer back', () => {
    const known = [quiz({ my_choice: ['a'], closed_at: 'x', result })]
    expect(merged([quiz()], known)).toEqual(known)
    expect(merged([], known)).toEqual(known)
    expect(merged([quiz({ my_choice: ['b'] })], [quiz()])[0]?.my_choice).toEqual(['b'])
  })
})

describe('questions of other kinds, and time that is moved', () => {
  const event = (kind: string, data: object): LessonLogEvent => ({ seq: 2, kind, at: '2026-11-22T01:02:00Z', audience: 'everyone', data: { quiz_id: 'q1', ...data } }) as unknown as LessonLogEvent

  test('an answer that may be changed: the former stands until another is taken', () => {
    const mine = quiz({ my_choice: ['a'], my_nth: 2, keep: 'last' })
    const failed = (code: string) => ({ name: 'failed', choice: ['b'], code }) as const
    expect(viewOf(mine, { name: 'sending', choice: ['b'], again: false }, false)).toBe('sending')
    expect(viewOf(mine, failed('unreachable'), false)).toBe('failed')
    expect(viewOf(mine, failed('unreachable'), true)).toBe('sent')
    expect(viewOf(mine, failed('already_answered'), false)).toBe('sent')
    expect(viewOf({ ...mine, keep: 'first' }, failed('unreachable'), false)).toBe('sent')
    expect(shownAnswer(mine, failed('unreachable'), 'failed', [])).toEqual(['b'])
    expect(shownAnswer(mine, failed('unreachable'), 'sent', [])).toEqual(['a'])
    expect(shownAnswer(quiz(), { name: 'none' }, 'choose', ['c'])).toEqual(['c'])
    expect(merged([quiz({ my_choice: ['c'], my_nth: 1 })], [mine])[0]).toMatchObject({ my_choice: ['a'], my_nth: 2 })
    expect(merged([quiz({ my_choice: ['c'], my_nth: 3 })], [mine])[0]).toMatchObject({ my_choice: ['c'], my_nth: 3 })
  })

  test('an own answer in place of one that somebody else put in is the own one', () => {
    const helped = quiz({ my_choice: ['a'], my_nth: 1, my_helped: '没有手机', keep: 'last' })
    expect(afterOwn(helped, ['b'], 2)).toMatchObject({ my_choice: ['b'], my_nth: 2, my_helped: null })
  })

  test('an ordering lies there as it is shown, and texts are sent when one is written', () => {
    expect(blankAnswer(quiz({ kind: 'ordering' }))).toEqual(['a', 'b', 'c'])
    const filling = { kind: 'fill_in', places: 2 } as const
    expect(answerOf(filling, [' ', ''])).toBeNull()
    expect(answerOf(filling, [' 119 ', ''])).toEqual(['119', ''])
    expect(answerOf({ kind: 'word_cloud', places: 3 }, ['', '安全 ', ''])).toEqual(['安全'])
    expect(answerOf({ kind: 'single', places: 0 }, [])).toBeNull()
  })

  test('the result of an ordering stands in the right order, that of a fill-in says what each blank accepts', () => {
    const told = { ...result, correct: ['c', 'a', 'b'], blanks: [['119', '一一九']] }
    expect(shownOptions(quiz({ kind: 'ordering', result: told })).map(one => one.id)).toEqual(['c', 'a', 'b'])
    expect(shownOptions(quiz({ kind: 'fill_in', options: [], result: told }))).toEqual([{ id: '1', text: '119 / 一一九' }])
    expect(outcomeOf(quiz({ kind: 'fill_in', my_choice: ['119'], result: told, my_marks: 50 }))).toBe('partly')
    expect(outcomeOf(quiz({ kind: 'opinion', my_choice: ['好'], result: told, my_marks: null }))).toBe('given')
  })

  test('a pause stops the countdown, more time moves it, and an answer waits', () => {
    const [stopped] = afterEvent([quiz()], 'l', event('quiz.timed', { seconds: 60, deadline_at: '2026-11-22T01:01:00Z', paused_at: '2026-11-22T01:00:30Z' }))
    expect(stopped && viewOf(stopped, NOTHING_SENT, false)).toBe('paused')
    expect(momentOf(stopped ?? null, Date.parse('2026-11-22T02:00:00Z'))).toBe(Date.parse('2026-11-22T01:00:30Z'))
    const [on] = afterEvent([quiz()], 'l', event('quiz.timed', { seconds: 90, deadline_at: '2026-11-22T01:02:00Z', paused_at: null }))
    expect(on).toMatchObject({ seconds: 90, deadline_at: '2026-11-22T01:02:00Z' })
  })

  test('one that is opened again has no result any more, also when an older list comes in', () => {
    const old = quiz({ closed_at: '2026-11-22T01:01:00Z', result })
    const again = afterEvent([old], 'l', event('quiz.reopened', { seconds: 30, deadline_at: '2026-11-22T01:03:00Z', paused_at: null, round: 2, reason: '网络中断' }))
    expect(again[0]).toMatchObject({ closed_at: null, result: null, round: 2, reopen_reason: '网络中断' })
    expect(merged([old], again)[0]).toMatchObject({ closed_at: null, result: null })
    expect(merged([{ ...old, round: 2, closed_at: null, result: null }], [old])[0]).toMatchObject({ closed_at: null, result: null })
  })
})

describe('one that is opened again', () => {
  test('may be answered by who came too late before', () => {
    const [closed, again] = [quiz({ closed_at: '2026-11-22T01:01:00Z' }), quiz({ round: 2 })]
    const refused = { name: 'failed', choice: ['a'], code: 'quiz_closed' } as const
    expect(viewOf(again, refused, false), 'a dead end without forgetting it').toBe('failed')
    expect(openedAgain([again], [closed])).toEqual(['q1'])
    expect(openedAgain([again], [again])).toEqual([])
    expect(openedAgain([again], []), 'never known before').toEqual([])
    expect(viewOf(again, NOTHING_SENT, false)).toBe('choose')
  })
})

describe('one of long ago that is opened again', () => {
  const [first, second] = [quiz({ closed_at: '2026-11-22T01:01:00Z' }), quiz({ id: 'q2', number: 2, closed_at: '2026-11-22T01:10:00Z' })]

  test('is what everybody speaks of while it runs, and when it is closed', () => {
    expect(latestOf([])).toBeNull()
    expect(latestOf([first, second])?.id).toBe('q2')
    const again = { ...first, closed_at: null, round: 2 }
    expect(latestOf([again, second])?.id).toBe('q1')
    expect(runningOf([again, second])?.id).toBe('q1')
    expect(latestOf([{ ...again, closed_at: '2026-11-22T01:20:00Z' }, second])?.id).toBe('q1')
    expect(runningOf([first, second])).toBeNull()
  })
})
