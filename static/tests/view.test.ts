import { afterEach, describe, expect, it, vi } from 'vitest'
import { linesFor, lookAt, readView, resizeView, sized, Stillness, worthResizing } from '@/protocol/view'
import { activate } from '@/protocol/whip'
import { layersOf } from '@/session/wanted'

afterEach(() => { vi.unstubAllGlobals() })

describe('the size that a picture is shown in', () => {
  it('counts device pixels, but no more than two to a CSS pixel, and none before it is laid out', () => {
    expect(linesFor(219, 3)).toBe(438)
    expect(linesFor(400, 1)).toBe(400)
    expect(linesFor(120, 1)).toBe(360)
    expect(linesFor(0, 2)).toBeNull()
    expect(linesFor(9000, 2)).toBe(4320)
  })

  it('is told anew only when it is another', () => {
    expect(worthResizing(438, 460)).toBe(false)
    expect(worthResizing(438, 780)).toBe(true)
    expect(worthResizing(780, 438)).toBe(true)
    expect(worthResizing(null, 438)).toBe(true)
    expect(worthResizing(null, null)).toBe(false)
  })

  it('stands in the address of the offer', () => {
    vi.stubGlobal('location', { href: 'https://school.example/' })
    const ticket = { url: 'https://school.example/whep/x/programme', token: 't', expires_at: '' }
    expect(sized(ticket, 438).url).toBe('https://school.example/whep/x/programme?height=438')
    expect(sized(ticket, null)).toBe(ticket)
  })
})

describe('a view is asked and resized', () => {
  it('at the session\'s own address, and silence is no answer', async () => {
    const asked: [string, RequestInit | undefined][] = []
    const answering = (body: unknown, ok = true) => async (url: string, init?: RequestInit) => {
      asked.push([url, init])
      return await Promise.resolve({ ok, json: async () => await Promise.resolve(body) } as Response)
    }
    const place = 'https://school.example/whep/resource/s'
    expect(await readView(place, answering({ height: null, sound_only: true }))).toEqual({ height: null, soundOnly: true })
    expect(await resizeView(place, 438, answering({ height: 438, sound_only: false }))).toEqual({ height: 438, soundOnly: false })
    expect(asked.map(([url]) => url)).toEqual([`${place}/view`, `${place}/view`])
    expect(asked[1]?.[1]).toMatchObject({ method: 'PATCH', body: '{"height":438}' })
    expect(await lookAt(place, ['venue-2', 'venue-1'], answering({ height: null, sound_only: false }))).not.toBeNull()
    expect(asked[2]?.[1]).toMatchObject({ method: 'PATCH', body: '{"sources":["venue-2","venue-1"]}' })
    expect(await readView(place, answering({}, false))).toBeNull()
    expect(await readView(place, async () => await Promise.reject(new Error('away')))).toBeNull()
    expect(await readView(place, answering('nonsense'))).toEqual({ height: null, soundOnly: false })
  })

  it('soon when a picture stands still, then ever more seldom', () => {
    const still = new Stillness()
    const asked = []
    for (let now = 10_000; now < 130_000; now += 1000) if (still.stands(now)) asked.push(now - 10_000)
    expect(asked).toEqual([0, 2000, 6000, 14_000, 30_000, 60_000, 90_000])
    still.moves()
    expect(still.stands(131_000)).toBe(true)
  })
})

describe('layers that nobody has use for', () => {
  it('are left out, and sent again when they are named', () => {
    const encodings: RTCRtpEncodingParameters[] = [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }]
    expect(activate(encodings, ['q', 'h', 'f'])).toBe(false)
    expect(activate(encodings, ['q'])).toBe(true)
    expect(encodings.map(one => one.active)).toEqual([true, false, false])
    expect(activate(encodings, ['q'])).toBe(false)
    expect(activate(encodings, ['q', 'f'])).toBe(true)
    expect(encodings.map(one => one.active)).toEqual([true, false, true])
  })

  it('never stop a single encoding', () => {
    const single: RTCRtpEncodingParameters[] = [{ maxBitrate: 1 }]
    expect(activate(single, [])).toBe(false)
    expect(single[0]?.active).toBeUndefined()
  })

  it('are told by an event of their own', () => {
    const event = { seq: 1, at: '', kind: 'source.layers', data: { source: 'main', rids: ['q', 'f', 3] } }
    expect(layersOf(event)).toEqual({ source: 'main', rids: ['q', 'f'] })
    expect(layersOf({ ...event, kind: 'source.up' })).toBeNull()
    expect(layersOf({ ...event, data: { source: 'main' } })).toBeNull()
  })
})
