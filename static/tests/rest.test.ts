import { describe, expect, test, vi } from 'vitest'
import { Refusal, retryAfterMs } from '@/protocol/problem'
import { randomId, Rest } from '@/protocol/rest'

type Answer = () => Response | Promise<Response>
function client(answers: Answer[]) {
  const calls: { path: string, method: string, headers: Record<string, string>, body: Record<string, unknown> | null }[] = []
  const pauses: number[] = []
  let loggedOut = 0
  const fetch = ((input: string, init: RequestInit) => {
    calls.push({ path: input, method: init.method ?? '', headers: init.headers as Record<string, string>, body: init.body ? JSON.parse(init.body as string) as Record<string, unknown> : null })
    const answer = answers.shift()
    return answer ? Promise.resolve().then(answer) : Promise.reject(new TypeError('network'))
  }) as typeof globalThis.fetch
  const pause = (ms: number) => { pauses.push(ms); return Promise.resolve() }
  const rest = new Rest({ fetch, pause, onLoggedOut: () => { loggedOut += 1 } })
  return { rest, calls, pauses, loggedOut: () => loggedOut }
}
const json = (body: unknown, init: ResponseInit = {}): Answer => () => new Response(JSON.stringify(body), init)
const problem = (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  json({ status, code, title: '题', title_en: 'title', detail: '怎么办', detail_en: 'what to do' }, { status, headers })

describe('the REST client', () => {
  test('known to be away: what is only read is not asked for, a command and whoever finds out are', async () => {
    const asked: string[] = []
    const fetch = ((input: string) => { asked.push(input); return Promise.resolve(new Response('{}')) }) as typeof globalThis.fetch
    let heard = 0
    const rest = new Rest({ fetch })
    rest.reach = { silent: true, heard: () => { heard += 1 } }
    await expect(rest.stage('l')).rejects.toMatchObject({ code: 'unreachable', passing: true })
    await rest.muteAll('l')
    await rest.events('l', 0, 0, new AbortController().signal)
    expect(asked.map(path => path.split('?')[0])).toEqual(['/api/v1/lessons/l/mute-all', '/api/v1/lessons/l/events'])
    expect(heard).toBe(2)
  })

  test('no answer is waited for without end, not even for its last byte', async () => {
    vi.useFakeTimers()
    try {
      const hangs = (_: string, init: RequestInit) => new Promise<Response>((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => { reject(new DOMException('given up', 'AbortError')) })
      })
      const stalls = (_: string, init: RequestInit) => Promise.resolve(new Response(new ReadableStream({
        start(stream) { init.signal?.addEventListener('abort', () => { stream.error(new DOMException('given up', 'AbortError')) }) },
      })))
      for (const fetch of [hangs, stalls]) {
        const rest = new Rest({ fetch: fetch as unknown as typeof globalThis.fetch })
        const asked = [rest.stage('l'), rest.play('r')].map(each => expect(each).rejects.toMatchObject({ code: 'unreachable', passing: true }))
        await vi.advanceTimersByTimeAsync(60_000)
        await Promise.all(asked)
      }
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('who brings a limit of his own keeps it', async () => {
    let given: unknown
    const fetch = ((_: string, init: RequestInit) => { given = init.signal; return Promise.resolve(new Response('{}')) }) as typeof globalThis.fetch
    const own = new AbortController().signal
    await new Rest({ fetch }).events('l', 0, 25, own)
    expect(given).toBe(own)
  })

  test('lists follow the cursor to the end', async () => {
    const { rest, calls } = client([json({ items: [1, 2], next_cursor: 'c' }), json({ items: [3], next_cursor: null })])
    expect(await rest.venues()).toEqual([1, 2, 3])
    expect(calls[1]?.path).toBe('/api/v1/venues?limit=200&cursor=c')
  })

  test('a command that got no answer is repeated with the same id', async () => {
    const { rest, calls } = client([() => { throw new TypeError('network') }, problem(503, 'busy', { 'Retry-After': '2' }), json({ seq: 1 })])
    await rest.take('l', 'camera', 'main')
    expect(new Set(calls.map(call => call.body?.command_id)).size).toBe(1)
    expect(calls).toHaveLength(3)
  })

  test('the wait that the server asked for is kept', async () => {
    const { rest, pauses } = client([problem(503, 'busy', { 'Retry-After': '2' }), json({})])
    await rest.muteAll('l')
    expect(pauses).toEqual([2_000])
  })

  test('a refused command is not repeated', async () => {
    const { rest, calls } = client([problem(409, 'illegal_transition'), json({})])
    await expect(rest.transition('l', 'start')).rejects.toMatchObject({ code: 'illegal_transition', status: 409 })
    expect(calls).toHaveLength(1)
  })

  test('two commands have two ids', async () => {
    const { rest, calls } = client([json({}), json({})])
    await rest.muteAll('l')
    await rest.muteAll('l')
    expect(calls[0]?.body?.command_id).not.toBe(calls[1]?.body?.command_id)
  })

  test('a change carries the version it was made from', async () => {
    const { rest, calls } = client([json({ id: 'l' }, { headers: { ETag: '"7"' } }), json({ id: 'l' })])
    const { etag } = await rest.lessonForChange('l')
    await rest.changeLesson('l', { title: 't', unit_id: 'u', starts_at: 'a', ends_at: 'b', recorded: true, venues: [] }, etag)
    expect(calls[1]).toMatchObject({ method: 'PATCH', headers: { 'If-Match': '"7"' } })
  })

  test('a whole plan of assignments is put, under one id', async () => {
    const { rest, calls } = client([problem(503, 'busy'), json({ units: [], members: [], expected: 0 })])
    await rest.assign('l', { units: [{ unit_id: 'u', venue_id: null }], members: [] })
    expect(calls.map(call => call.method)).toEqual(['PUT', 'PUT'])
    expect(new Set(calls.map(call => call.body?.command_id)).size).toBe(1)
  })

  test('an answer goes out under the id it was given, and once', async () => {
    const { rest, calls } = client([problem(503, 'busy'), json({})])
    await expect(rest.answer('q', 'mine', ['a'])).rejects.toMatchObject({ code: 'busy' })
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ path: '/api/v1/quizzes/q/answer', body: { command_id: 'mine', choice: ['a'] } })
  })

  test('what is not asked for is not in the query', async () => {
    const { rest, calls } = client([json({ items: [], next_cursor: null }), json({})])
    await rest.roster('l', { state: 'missing' })
    await rest.credit()
    expect(calls.map(call => call.path)).toEqual(['/api/v1/lessons/l/roster?state=missing&limit=200', '/api/v1/credit'])
  })

  test('a session that ended is told to the app', async () => {
    const { rest, loggedOut } = client([problem(401, 'not_logged_in')])
    await expect(rest.lesson('l')).rejects.toBeInstanceOf(Refusal)
    expect(loggedOut()).toBe(1)
  })

  test('an answer without a body is no error', async () => {
    const { rest } = client([() => new Response(null, { status: 204 })])
    expect(await rest.logout()).toBeUndefined()
  })

  test('a page of a proxy instead of a problem still has a code', async () => {
    const { rest } = client([() => new Response('<html>', { status: 502 })])
    await expect(rest.me()).rejects.toMatchObject({ code: 'http_502', passing: true })
  })

  test('refusals speak the language of the installation', async () => {
    const { rest } = client([problem(409, 'x')])
    const refusal = await rest.me().catch((error: unknown) => error) as Refusal
    expect(refusal.sentences('zh')).toEqual({ title: '题', detail: '怎么办' })
    expect(refusal.sentences('en')).toEqual({ title: 'title', detail: 'what to do' })
  })
})

test('Retry-After in seconds, or as a date against the answer’s own Date', () => {
  expect(retryAfterMs(new Headers({ 'Retry-After': '3' }))).toBe(3_000)
  expect(retryAfterMs(new Headers({ 'Retry-After': 'Sun, 22 Nov 2026 01:00:10 GMT', 'Date': 'Sun, 22 Nov 2026 01:00:00 GMT' }))).toBe(10_000)
  expect(retryAfterMs(new Headers({ 'Retry-After': 'soon' }))).toBeNull()
  expect(retryAfterMs(new Headers())).toBeNull()
})

test('ids are UUIDs of version 4', () => {
  expect(randomId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
