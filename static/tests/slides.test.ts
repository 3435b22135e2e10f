import { describe, expect, it } from 'vitest'
import { lastPage, megabytes, nameOf, pictureOf, shownAt, stepped, unfit, type Material } from '@/protocol/materials'
import type { LessonLogEvent } from '@/protocol/model'
import { slidesAfter, type Slides } from '@/protocol/slides'

const event = (kind: string, data: Record<string, unknown> = {}): LessonLogEvent => ({ seq: 1, at: '2026-11-22T01:00:00Z', kind, data })
const deck: Slides = { material_id: 'm', name: '消防', page: 2, pages: 9, reached: 5, at: '2026-11-22T00:59:00Z' }

describe('slides on stage, by their events', () => {
  it('opens at its page, and keeps how far it was shown when it is opened again', () => {
    const opened = slidesAfter(null, event('slides.opened', { material_id: 'm', name: '消防', page: 1, pages: 9 }))
    expect(opened).toEqual({ material_id: 'm', name: '消防', page: 1, pages: 9, reached: 1, at: '2026-11-22T01:00:00Z' })
    expect(slidesAfter(deck, event('slides.opened', { material_id: 'm', name: '消防', page: 1, pages: 9 }))?.reached).toBe(5)
    expect(slidesAfter(deck, event('slides.opened', { material_id: 'n', name: '急救', page: 1, pages: 3 }))?.reached).toBe(1)
  })

  it('turns by number, forwards and back', () => {
    const on = slidesAfter(deck, event('slides.turned', { material_id: 'm', page: 6 }))
    expect([on?.page, on?.reached, on?.name]).toEqual([6, 6, '消防'])
    const back = slidesAfter(on, event('slides.turned', { material_id: 'm', page: 1 }))
    expect([back?.page, back?.reached]).toEqual([1, 6])
  })

  it('a turn of a deck that is not on stage changes nothing', () => {
    expect(slidesAfter(deck, event('slides.turned', { material_id: 'n', page: 1 }))).toBe(deck)
    expect(slidesAfter(null, event('slides.turned', { material_id: 'n', page: 1 }))).toBeNull()
    expect(slidesAfter(deck, event('slides.closed'))).toBeNull()
  })
})

describe('materials', () => {
  const material = { pages: 9, reached: 3, whole: false } as Material

  it('may be looked at as far as it was shown, or whole', () => {
    expect(lastPage(material)).toBe(3)
    expect(lastPage(material, 5)).toBe(5)
    expect(lastPage(material, 50)).toBe(9)
    expect(lastPage({ ...material, whole: true })).toBe(9)
  })

  it('a page of one’s own never leaves what may be seen', () => {
    expect([stepped(1, -1, 5), stepped(5, 1, 5), stepped(3, 1, 5), stepped(1, 1, 0)]).toEqual([1, 5, 4, 1])
  })

  it('pictures have names that sort', () => {
    expect(pictureOf('/pages/m/g/', 'phone', 7)).toBe('/pages/m/g/phone-007.webp')
  })

  it('finds what was on stage at a moment', () => {
    const turns = [
      { at: '2026-11-22T01:00:00Z', material_id: 'm', page: 1 },
      { at: '2026-11-22T01:05:00Z', material_id: 'm', page: 2 },
      { at: '2026-11-22T01:06:00Z', material_id: null, page: 0 },
    ]
    const at = (time: string) => shownAt(turns, Date.parse(time))
    expect(at('2026-11-22T00:59:59Z')).toBeNull()
    expect(at('2026-11-22T01:04:59Z')).toEqual({ material_id: 'm', page: 1 })
    expect(at('2026-11-22T01:05:00Z')).toEqual({ material_id: 'm', page: 2 })
    expect(at('2026-11-22T02:00:00Z')).toBeNull()
  })

  it('says before sending what the server would refuse', () => {
    expect(unfit({ name: '课件.pptx', size: 10 })).toBe('type')
    expect(unfit({ name: '课件.PDF', size: 101 * 1024 * 1024 })).toBe('size')
    expect(unfit({ name: '课件.PDF', size: 10 })).toBeNull()
    expect(nameOf('2026/消防 课件.pdf')).toBe('2026 消防 课件')
    expect(unfit({ name: '演示.MOV', size: 500 * 1024 * 1024 }, 'clip')).toBeNull()
    expect(unfit({ name: '演示.mp4', size: 1025 * 1024 * 1024 }, 'clip')).toBe('size')
    expect(unfit({ name: '演示.pdf', size: 10 }, 'clip')).toBe('type')
    expect(nameOf('演示 v1.2.mp4')).toBe('演示 v1.2')
    expect(nameOf('v1.2')).toBe('v1.2')
    expect([megabytes(900), megabytes(3_500_000)]).toEqual(['1 KB', '3.3 MB'])
  })
})
