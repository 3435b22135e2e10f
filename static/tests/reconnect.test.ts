import { describe, expect, test } from 'vitest'
import { downSince, fallbackDue, isHeldUp, nextTickMs, plannedMs, returnDelayMs, spreadOf, SPREAD_MS, step, type Link, type LinkEvent, type LinkPolicy } from '@/protocol/reconnect'

const POLICY: LinkPolicy = { connectMs: 5_000, graceMs: 2_000, consentMs: 0, backoffMs: [1_000, 4_000], jitter: 0.25 }
const idle: Link = { name: 'idle' }

function play(steps: [LinkEvent, number][], from: Link = idle) {
  let link = from
  const effects: string[] = []
  for (const [event, nowMs] of steps) {
    const result = step(link, event, nowMs, POLICY, 0.5)
    link = result.link
    effects.push(...result.effects)
  }
  return { link, effects }
}

describe('the reconnect policy', () => {
  test('start dials, connected is up', () => {
    const { link, effects } = play([[{ type: 'start' }, 0], [{ type: 'connected' }, 300]])
    expect(link).toEqual({ name: 'up', sinceMs: 300 })
    expect(effects).toEqual(['dial'])
  })

  test('a dial without an answer is hung up at its deadline and tried again after the back-off', () => {
    const dialled = play([[{ type: 'start' }, 0]]).link
    expect(nextTickMs(dialled)).toBe(5_000)
    const { link, effects } = play([[{ type: 'tick' }, 5_000]], dialled)
    expect(link).toMatchObject({ name: 'waiting', attempt: 1, untilMs: 6_000, downSinceMs: 0 })
    expect(effects).toEqual(['hang-up'])
    expect(play([[{ type: 'tick' }, 6_000]], link)).toMatchObject({ link: { name: 'dialling', attempt: 2 }, effects: ['dial'] })
  })

  test('a tick before its time changes nothing', () => {
    const dialled = play([[{ type: 'start' }, 0]]).link
    expect(step(dialled, { type: 'tick' }, 4_999, POLICY)).toEqual({ link: dialled, effects: [] })
  })

  test('the last back-off repeats', () => {
    let link = play([[{ type: 'start' }, 0]]).link
    let now = 0
    const waits: number[] = []
    for (let round = 0; round < 4; round += 1) {
      link = step(link, { type: 'failed' }, now, POLICY, 0.5).link
      const due = nextTickMs(link) ?? 0
      waits.push(due - now)
      now = due
      link = step(link, { type: 'tick' }, now, POLICY, 0.5).link
    }
    expect(waits).toEqual([1_000, 4_000, 4_000, 4_000])
  })

  test('within the first minute nobody waits long, afterwards a server that is away is left in peace', () => {
    const soon = { ...POLICY, backoffMs: [15_000], soonMs: 3_000, jitter: 0 }
    const dialled = step({ name: 'idle' }, { type: 'start' }, 0, soon).link
    expect(nextTickMs(step(dialled, { type: 'failed' }, 59_999, soon).link)).toBe(62_999)
    expect(nextTickMs(step(dialled, { type: 'failed' }, 60_000, soon).link)).toBe(75_000)
  })

  test('chance spreads a hall of phones over the jitter', () => {
    const dialled = play([[{ type: 'start' }, 0]]).link
    const until = (chance: number) => nextTickMs(step(dialled, { type: 'failed' }, 0, POLICY, chance).link)
    expect(until(0)).toBe(750)
    expect(until(0.999)).toBeCloseTo(1_250, -1)
  })

  test('disconnected may heal by itself within the grace', () => {
    const up: Link = { name: 'up', sinceMs: 0 }
    expect(play([[{ type: 'disconnected' }, 10_000], [{ type: 'connected' }, 11_500]], up)).toEqual({ link: { name: 'up', sinceMs: 11_500 }, effects: [] })
    expect(play([[{ type: 'disconnected' }, 10_000], [{ type: 'tick' }, 12_000]], up)).toMatchObject({ link: { name: 'dialling', downSinceMs: 10_000 }, effects: ['dial'] })
  })

  test('failed while up dials at once', () => {
    expect(play([[{ type: 'failed' }, 9_000]], { name: 'up', sinceMs: 0 })).toMatchObject({ link: { name: 'dialling', attempt: 1, downSinceMs: 9_000 }, effects: ['dial'] })
  })

  test('a refusal that passes is tried again, no earlier than the server asks', () => {
    const dialled = play([[{ type: 'start' }, 0]]).link
    const { link } = play([[{ type: 'refused', code: 'draining', passing: true, retryAfterMs: 9_000 }, 100]], dialled)
    expect(link).toMatchObject({ name: 'waiting', untilMs: 10_100, code: 'draining' })  // up to two seconds apart from the others who were told so
  })

  test('a refusal that stays waits for a person', () => {
    const dialled = play([[{ type: 'start' }, 0]]).link
    const { link, effects } = play([[{ type: 'refused', code: 'source_taken', passing: false, retryAfterMs: null }, 100], [{ type: 'tick' }, 99_999]], dialled)
    expect(link).toEqual({ name: 'refused', code: 'source_taken' })
    expect(effects).toEqual(['hang-up'])
    expect(play([[{ type: 'now' }, 200]], link).effects).toEqual(['dial'])
  })

  test('after a dial that failed at once the next may take longer: a server that begins is asked by everybody', () => {
    const patient = { ...POLICY, afterNoMs: 15_000 }
    const dialled = play([[{ type: 'start' }, 0]]).link
    const failed = step(dialled, { type: 'failed' }, 100, patient).link
    expect(nextTickMs(step(failed, { type: 'tick' }, 1_100, patient).link)).toBe(16_100)
    const crowded = step(step(failed, { type: 'tick' }, 1_100, patient).link, { type: 'tick' }, 16_100, patient).link
    expect(nextTickMs(step(crowded, { type: 'tick' }, 20_100, patient).link)).toBe(35_100)
    const silent = step(dialled, { type: 'tick' }, 5_000, patient).link
    expect(nextTickMs(step(silent, { type: 'tick' }, 6_000, patient).link)).toBe(11_000)
    expect(nextTickMs(step(failed, { type: 'network' }, 1_000, patient).link)).toBe(6_000)
  })

  test('moved hangs up and comes back after the given delay', () => {
    const { link, effects } = play([[{ type: 'moved', delayMs: 700 }, 1_000]], { name: 'up', sinceMs: 0 })
    expect(link).toMatchObject({ name: 'waiting', untilMs: 1_700, downSinceMs: 1_000 })
    expect(effects).toEqual(['hang-up'])
  })

  test('who comes back in its turn waits longer for its first dial, as the others of the hall come too', () => {
    const patient = { ...POLICY, turnMs: 15_000 }
    const moved = step({ name: 'up', sinceMs: 0 }, { type: 'moved', delayMs: 700 }, 1_000, patient).link
    const dialled = step(moved, { type: 'tick' }, 1_700, patient).link
    expect(nextTickMs(dialled)).toBe(16_700)
    const failed = step(dialled, { type: 'failed' }, 2_000, patient).link
    const again = step(failed, { type: 'tick' }, 3_000, patient).link
    expect(again).toMatchObject({ name: 'dialling', attempt: 2, deadlineMs: 8_000 })
    expect(nextTickMs(step({ name: 'idle' }, { type: 'start' }, 0, patient).link)).toBe(5_000)
  })

  test('the server says how far viewers spread their return', () => {
    expect([spreadOf({ spread_ms: 12_000 }), spreadOf({ spread_ms: 1e9 })]).toEqual([12_000, 60_000])
    expect([spreadOf({}), spreadOf({ spread_ms: 'x' }), spreadOf({ spread_ms: -1 })]).toEqual([SPREAD_MS, SPREAD_MS, SPREAD_MS])
  })

  test('a dial that nobody answered is tried again soon; one that was answered with failure is not', () => {
    const impatient = { ...POLICY, backoffMs: [8_000], unansweredMs: 500, jitter: 0 }
    const dialled = step({ name: 'idle' }, { type: 'start' }, 0, impatient).link
    expect(nextTickMs(step(dialled, { type: 'tick' }, impatient.connectMs, impatient).link)).toBe(impatient.connectMs + 500)
    expect(nextTickMs(step(dialled, { type: 'failed' }, 100, impatient).link)).toBe(8_100)
  })

  test('who waits for its turn, or was refused, is not held up by the network', () => {
    const dialled = play([[{ type: 'start' }, 0]]).link
    expect(isHeldUp(play([[{ type: 'failed' }, 100]], dialled).link)).toBe(true)
    expect(isHeldUp(play([[{ type: 'moved', delayMs: 900 }, 0]], { name: 'up', sinceMs: 0 }).link)).toBe(false)
    expect(isHeldUp({ name: 'refused', code: 'forbidden' })).toBe(false)
  })

  test('only who waits for its turn has one', () => {
    const moved = play([[{ type: 'moved', delayMs: 9_000 }, 1_000]], { name: 'up', sinceMs: 0 }).link
    expect(plannedMs(moved)).toBe(10_000)
    expect(plannedMs(play([[{ type: 'tick' }, 10_000]], moved).link)).toBeNull()
    expect(plannedMs({ name: 'up', sinceMs: 0 })).toBeNull()
  })

  test('the network is back: no more waiting', () => {
    const waiting: Link = { name: 'waiting', attempt: 3, untilMs: 60_000, downSinceMs: 0, code: null }
    expect(play([[{ type: 'now' }, 100]], waiting)).toMatchObject({ link: { name: 'dialling', attempt: 4 }, effects: ['dial'] })
  })

  test('without restarts a new network is a reason not to wait', () => {
    expect(play([[{ type: 'network' }, 100]], { name: 'up', sinceMs: 0 })).toEqual({ link: { name: 'up', sinceMs: 0 }, effects: [] })
    expect(play([[{ type: 'disconnected' }, 0], [{ type: 'network' }, 100]], { name: 'up', sinceMs: 0 }).effects).toEqual(['dial'])
  })

  test('stop is final and may come twice', () => {
    const events: LinkEvent[] = [{ type: 'stop' }, { type: 'stop' }, { type: 'start' }, { type: 'connected' }, { type: 'now' }]
    const { link, effects } = play(events.map(event => [event, 0]), { name: 'up', sinceMs: 0 })
    expect(link).toEqual({ name: 'closed' })
    expect(effects).toEqual(['hang-up'])
  })

  test('an event that means nothing changes nothing', () => {
    for (const type of ['connected', 'disconnected', 'failed', 'tick'] as const) {
      expect(step(idle, { type }, 0, POLICY)).toEqual({ link: idle, effects: [] })
    }
  })

  test('the slower way is due after five seconds without anything, through all retries', () => {
    let link = play([[{ type: 'start' }, 1_000], [{ type: 'failed' }, 3_000]]).link
    expect(downSince(link)).toBe(1_000)
    expect(fallbackDue(link, 5_999, 5_000)).toBe(false)
    link = step(link, { type: 'tick' }, 5_000, POLICY).link
    expect(fallbackDue(link, 6_000, 5_000)).toBe(true)
    expect(fallbackDue({ name: 'up', sinceMs: 0 }, 99_000, 5_000)).toBe(false)
    expect(fallbackDue({ name: 'refused', code: 'forbidden' }, 99_000, 5_000)).toBe(false)
  })

  test('after a move what is on the air dials at once, the others within 0.6 s of each other', () => {
    expect(returnDelayMs(true, 0.99)).toBe(0)
    expect(returnDelayMs(false, 0)).toBe(0)
    expect(returnDelayMs(false, 0.5)).toBe(300)
    const { link } = play([[{ type: 'start' }, 0], [{ type: 'connected' }, 300], [{ type: 'moved', delayMs: 0 }, 5_000]])
    expect(nextTickMs(link)).toBe(5_000)
    expect(step(link, { type: 'tick' }, 5_000, POLICY)).toMatchObject({ link: { name: 'dialling' }, effects: ['dial'] })
  })
})

describe('a connection that can be restarted', () => {
  const MEDIA: LinkPolicy = { connectMs: 5_000, graceMs: 2_000, consentMs: 20_000, backoffMs: [300, 1_000, 2_000, 4_000], jitter: 0.25 }
  const up: Link = { name: 'up', sinceMs: 0 }
  function run(steps: [LinkEvent, number][], from: Link = up) {
    let link = from
    const effects: string[] = []
    for (const [event, nowMs] of steps) {
      const result = step(link, event, nowMs, MEDIA, 0.5)
      link = result.link
      effects.push(...result.effects)
    }
    return { link, effects }
  }

  test('disconnected restarts it at once and keeps it', () => {
    const { link, effects } = run([[{ type: 'disconnected' }, 1_000], [{ type: 'restarted' }, 1_100], [{ type: 'connected' }, 1_300]])
    expect(effects).toEqual(['restart'])
    expect(link).toEqual({ name: 'up', sinceMs: 1_300 })
  })

  test('what the browser calls failed may have another way left', () => {
    expect(run([[{ type: 'failed' }, 1_000]])).toMatchObject({ link: { name: 'shaky', downSinceMs: 1_000 }, effects: ['restart'] })
    expect(run([[{ type: 'disconnected' }, 1_000], [{ type: 'failed' }, 1_050]]).effects).toEqual(['restart'])
  })

  test('one that is gone is dialled anew', () => {
    const { link, effects } = run([[{ type: 'disconnected' }, 1_000], [{ type: 'not-restarted', gone: true }, 1_200]])
    expect(effects).toEqual(['restart', 'dial'])
    expect(link).toMatchObject({ name: 'dialling', downSinceMs: 1_000 })
    expect(run([[{ type: 'not-restarted', gone: true }, 1_200]]).effects).toEqual(['dial'])
  })

  test('a restart that leads nowhere within the grace is a dial', () => {
    const { link } = run([[{ type: 'disconnected' }, 1_000], [{ type: 'restarted' }, 1_500]])
    expect(nextTickMs(link)).toBe(3_500)
    expect(run([[{ type: 'tick' }, 3_500]], link)).toMatchObject({ link: { name: 'dialling', downSinceMs: 1_000 }, effects: ['dial'] })
  })

  test('without a network it is tried again until the other end must have forgotten us', () => {
    let link = run([[{ type: 'disconnected' }, 0]]).link
    const restarts: number[] = [0]
    let now = 0
    for (let round = 0; link.name === 'shaky' && round < 50; round += 1) {
      link = run([[{ type: 'not-restarted', gone: false }, now]], link).link
      if (link.name !== 'shaky') break
      now = nextTickMs(link) ?? now
      const next = run([[{ type: 'tick' }, now]], link)
      link = next.link
      if (next.effects[0] === 'restart') restarts.push(now)
    }
    expect(restarts.slice(0, 4)).toEqual([0, 300, 1_300, 3_300])
    expect(restarts.at(-1)).toBeLessThan(20_000)
    expect(link.name).toBe('dialling')
  })

  test('another network restarts at once, up or not', () => {
    expect(run([[{ type: 'network' }, 500]])).toEqual({ link: up, effects: ['restart'] })
    expect(run([[{ type: 'network' }, 500], [{ type: 'not-restarted', gone: false }, 600]]).link).toEqual(up)
    const { link, effects } = run([[{ type: 'disconnected' }, 0], [{ type: 'not-restarted', gone: false }, 10], [{ type: 'network' }, 100]])
    expect(effects).toEqual(['restart', 'restart'])
    expect(nextTickMs(link)).toBe(20_000)
  })

  test('heard again after a silence: restarted while the other end knows it, dialled when it cannot any more', () => {
    const { link } = run([[{ type: 'disconnected' }, 0], [{ type: 'not-restarted', gone: false }, 10]])
    expect(run([[{ type: 'back' }, 19_999]], link).effects).toEqual(['restart'])
    expect(run([[{ type: 'back' }, 20_000]], link)).toMatchObject({ link: { name: 'dialling', downSinceMs: 0 }, effects: ['dial'] })
    expect(run([[{ type: 'back' }, 500]])).toEqual({ link: up, effects: [] })
  })

  test('heard again: a dial into the silence is made again, but one in its turn, and who waits for its turn, are left', () => {
    const dialled = run([[{ type: 'start' }, 0]], { name: 'idle' }).link
    expect(run([[{ type: 'back' }, 2_000]], dialled)).toMatchObject({ link: { attempt: 1, deadlineMs: 7_000 }, effects: ['dial'] })
    const waiting = run([[{ type: 'failed' }, 3_000]], dialled).link
    expect(run([[{ type: 'back' }, 3_100]], waiting).effects).toEqual(['dial'])
    const moved = run([[{ type: 'moved', delayMs: 900 }, 0]]).link
    expect(run([[{ type: 'back' }, 100]], moved).effects).toEqual([])
    const inTurn = run([[{ type: 'tick' }, 900]], moved).link
    expect(run([[{ type: 'back' }, 1_000]], inTurn).effects).toEqual([])
  })

  test('a person who does not want to wait gets a new dial', () => {
    expect(run([[{ type: 'disconnected' }, 0], [{ type: 'now' }, 100]]).effects).toEqual(['restart', 'dial'])
  })
})
