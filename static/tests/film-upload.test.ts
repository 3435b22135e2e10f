/** A film on its way in pieces is not begun anew because the line was away for long, or the login had ended. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hex } from '@/protocol/micro'
import { sendFilm } from '@/session/micro'

const file = new File([new Uint8Array(10)], 'a.mp4', { lastModified: 1 })
const standing = (offset: number, id = 'u1') => ({ id, video_id: 'v', size_bytes: 10, offset, expires_at: '', done: false })
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
const refused = (status: number, code: string) => json({ status, code, title: '', title_en: '' }, status)
let asked: string[] = []
let answers: (() => Response)[] = []

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => { kept.set(key, value) },
    removeItem: (key: string) => { kept.delete(key) },
  })
  asked = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(`${init.method ?? ''} ${path.replace(/\?.*/, '')}`)
    const answer = answers.shift()
    if (!answer) throw new TypeError('no line')
    return answer()
  })
})
afterEach(() => { vi.unstubAllGlobals() })

const send = () => sendFilm('v', file, null, () => undefined, new AbortController().signal)
const whole = () => new Response(null, { status: 204, headers: { 'Upload-Offset': '10' } })

describe('the same file chosen again', () => {
  it('goes on after the login had ended', async () => {
    answers = [() => json(standing(0), 201), () => refused(401, 'not_logged_in')]
    await expect(send()).rejects.toMatchObject({ code: 'not_logged_in' })
    asked = []
    answers = [() => json(standing(4)), whole]
    await send()
    expect(asked).toEqual(['GET /api/v1/uploads/u1', 'PATCH /api/v1/uploads/u1'])
  })

  it('goes on after the line was away for longer than the page waits', async () => {
    vi.stubGlobal('setTimeout', (act: () => void) => { queueMicrotask(act) })
    answers = [() => json(standing(0), 201)]
    await expect(send()).rejects.toMatchObject({ code: 'unreachable' })
    asked = []
    answers = [() => json(standing(4)), whole]
    await send()
    expect(asked).toEqual(['GET /api/v1/uploads/u1', 'PATCH /api/v1/uploads/u1'])
  })

  it('begins anew where what was there has gone', async () => {
    answers = [() => json(standing(0), 201), () => refused(404, 'upload_not_found')]
    await expect(send()).rejects.toMatchObject({ code: 'upload_not_found' })
    asked = []
    answers = [() => refused(404, 'upload_not_found'), () => json(standing(0, 'u2'), 201), whole]
    await send()
    expect(asked).toEqual(['GET /api/v1/uploads/u1', 'POST /api/v1/micro-videos/v/uploads', 'PATCH /api/v1/uploads/u2'])
  })
})

describe('a file that another device began to send', () => {
  const other = (sha256: string) => ({ ...standing(4), tail: { since: 0, sha256 } })
  const sendOther = () => sendFilm('v', file, 'u1', () => undefined, new AbortController().signal)

  it('goes on where it has the same bytes', async () => {
    const mine = await crypto.subtle.digest('SHA-256', new Uint8Array(4))
    answers = [() => json(other(hex(new Uint8Array(mine)))), whole]
    await sendOther()
    expect(asked).toEqual(['GET /api/v1/uploads/u1', 'PATCH /api/v1/uploads/u1'])
  })

  it('begins anew where it is another file', async () => {
    answers = [() => json(other('00')), () => json(standing(0, 'u2'), 201), whole]
    await sendOther()
    expect(asked).toEqual(['GET /api/v1/uploads/u1', 'POST /api/v1/micro-videos/v/uploads', 'PATCH /api/v1/uploads/u2'])
  })
})
