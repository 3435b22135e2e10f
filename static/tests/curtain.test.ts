import { describe, expect, it } from 'vitest'
import { curtained } from '@/protocol/curtain'
import { cutsOf } from '@/protocol/cuts'
import type { LessonLogEvent, Stage } from '@/protocol/model'

const stage = { seq: 7, cut: null, standby: null } as unknown as Stage
const event = (kind: string, data: Record<string, unknown> = {}, seq = 8): LessonLogEvent => ({ seq, at: '', kind, data })

describe('the curtain', () => {
  it('falls at the event', () => {
    expect(curtained(stage, event('cut.begun', { since: 'then' }))).toMatchObject({ seq: 8, cut: { since: 'then', by: null } })
    const standby = curtained(stage, event('standby.set', { since: 'then', until: 'later', note: '课间休息' })).standby
    expect(standby).toEqual({ since: 'then', until: 'later', note: '课间休息' })
    expect(curtained(stage, event('standby.set', { until: null })).standby?.until).toBeNull()
  })

  it('rises at the event, each by its own', () => {
    const down = curtained(curtained(stage, event('standby.set', {})), event('cut.begun', {}, 9))
    const lifted = curtained(down, event('cut.ended', {}, 10))
    expect([lifted.cut, lifted.standby === null]).toEqual([null, false])
    expect(curtained(lifted, event('standby.ended', {}, 11)).standby).toBeNull()
  })

  it('does not move for an older event, or another', () => {
    expect(curtained(stage, event('cut.begun', {}, 7))).toBe(stage)
    expect(curtained(stage, event('stage.taken'))).toBe(stage)
  })
})

describe('cuts of a recording', () => {
  const at = (kind: string, at: string, data: Record<string, unknown> = {}) => ({ ...event(kind, data), at })

  it('are from their beginning to their end, why is no part of it', () => {
    const log = [at('cut.begun', 'b1', { since: 's1' }), at('cut.noted', 'b1'), at('cut.ended', 'e1'), at('cut.begun', 'b2', { since: 's2' }), at('cut.ended', 'e2')]
    expect(cutsOf(log)).toEqual([{ since: 's1', until: 'e1' }, { since: 's2', until: 'e2' }])
  })

  it('may last to the end of the lesson; an end without a beginning is none', () => {
    expect(cutsOf([at('cut.ended', 'e0'), at('cut.begun', 'b1', { since: 's1' })])).toEqual([{ since: 's1', until: null }])
    expect(cutsOf([])).toEqual([])
  })
})
