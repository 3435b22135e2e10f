import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LessonLogEvent } from '@/protocol/model'

const server = vi.hoisted(() => ({
  stages: [] as { seq: number }[],
  hear: null as unknown as (event: LessonLogEvent) => void,
}))

vi.mock('@/session/api', () => ({
  rest: {
    lesson: async (id: string) => await Promise.resolve({ id, state: 'live', may: [], venues: [] }),
    stage: async () => await Promise.resolve(server.stages.shift()),
  },
}))
vi.mock('@/protocol/live', () => ({
  Live: class {
    constructor(options: { onEvent: (event: LessonLogEvent) => void }) { server.hear = options.onEvent }
    start = () => undefined
    stop = () => undefined
  },
}))

const { useLesson } = await import('@/session/lesson')

const slides = (page: number) => ({ material_id: 'm', name: '课件', page, pages: 9, reached: page, at: '' })
const stage = (seq: number, over: object = {}) => ({ lesson_id: 'l', state: 'live', seq, cut: null, standby: null, slides: null, opened_audio: [], ...over })
const event = (seq: number, kind: string, data: object = {}) => ({ seq, kind, at: '2026-11-22T01:00:00Z', data }) as LessonLogEvent

beforeEach(() => {
  setActivePinia(createPinia())
  vi.useFakeTimers()
})
afterEach(() => { vi.useRealTimers() })

async function entered(first: ReturnType<typeof stage>, ...later: ReturnType<typeof stage>[]) {
  server.stages = [first, ...later]
  const store = useLesson()
  await store.enter('l', 'venue')
  return store
}

describe('the stage of a lesson, and what is heard meanwhile', () => {
  test('a stage that was read before an event that has changed ours is read again', async () => {
    const store = await entered(stage(10), stage(11, { opened_audio: ['venue-1'] }), stage(12, { opened_audio: ['venue-1'], cut: { since: 't', by: null, reason: null } }))
    server.hear(event(11, 'stage.audio'))
    server.hear(event(12, 'cut.begun', { since: 't' }))
    await vi.runAllTimersAsync()
    expect(store.stage).toMatchObject({ seq: 12, opened_audio: ['venue-1'], cut: { since: 't' } })
  })

  test('pages turned before the stage was read turn nothing back', async () => {
    const store = await entered(stage(10, { slides: slides(1) }), stage(14, { slides: slides(5) }))
    await store.refresh()
    server.hear(event(12, 'slides.turned', { material_id: 'm', page: 3 }))
    expect(store.slides?.page).toBe(5)
    server.hear(event(15, 'slides.turned', { material_id: 'm', page: 6 }))
    expect(store.slides?.page).toBe(6)
  })
})
