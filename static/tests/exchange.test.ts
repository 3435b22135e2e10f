import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange, release, type Fetch } from '@/protocol/exchange'
import { Refusal } from '@/protocol/problem'

interface Sent { url: string, method: string, token: string | undefined, body: string }

function server(answers: Response[]) {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, init) => {
    const headers = init.headers as Record<string, string> | undefined
    sent.push({ url, method: init.method ?? '', token: headers?.Authorization, body: String(init.body ?? '') })
    const answer = answers.shift()
    if (!answer) throw new TypeError('network')
    return Promise.resolve(answer)
  }
  return { sent, fetch }
}

const created = () => new Response('v=0 answer', {
  status: 201, headers: { 'Location': '/whip/l/main/secret', 'ETag': '"e1"', 'Link': '<stun:s.example.org>; rel="ice-server"' },
})
const refused = (status: number, code: string) => new Response(JSON.stringify({ status, code, title: '不行', title_en: 'No' }), {
  status, headers: { 'Content-Type': 'application/problem+json' },
})
function tickets() {
  let n = 0
  return () => { n += 1; return Promise.resolve({ url: '/whip/l/main', token: `t${n}`, expires_at: '2026-11-22T01:00:00Z' }) }
}

describe('the exchange of WHIP and WHEP', () => {
  beforeAll(() => { Object.assign(globalThis, { location: { href: 'https://class.example.org/desk/l' } }) })
  afterAll(() => { Reflect.deleteProperty(globalThis, 'location') })

  test('an offer with a bearer ticket becomes an answer and a resource', async () => {
    const { sent, fetch } = server([created()])
    expect(await exchange('v=0 offer', tickets(), fetch)).toEqual({
      answer: 'v=0 answer', resource: 'https://class.example.org/whip/l/main/secret', etag: '"e1"', iceServers: [{ urls: 'stun:s.example.org' }],
    })
    expect(sent).toEqual([{ url: 'https://class.example.org/whip/l/main', method: 'POST', token: 'Bearer t1', body: 'v=0 offer' }])
  })

  test('a ticket that ran out on the way is renewed once', async () => {
    const { sent, fetch } = server([refused(401, 'ticket_expired'), created()])
    await exchange('o', tickets(), fetch)
    expect(sent.map(one => one.token)).toEqual(['Bearer t1', 'Bearer t2'])
  })

  test('a second expiry is given up', async () => {
    const { sent, fetch } = server([refused(401, 'ticket_expired'), refused(401, 'ticket_expired'), created()])
    await expect(exchange('o', tickets(), fetch)).rejects.toMatchObject({ code: 'ticket_expired' })
    expect(sent).toHaveLength(2)
  })

  test('a taken source is told as it is, without another try', async () => {
    const { sent, fetch } = server([refused(409, 'source_taken'), created()])
    const failure = await exchange('o', tickets(), fetch).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Refusal)
    expect(failure).toMatchObject({ code: 'source_taken', status: 409, passing: false })
    expect(sent).toHaveLength(1)
  })

  test('no answer at all is a passing refusal', async () => {
    await expect(exchange('o', tickets(), server([]).fetch)).rejects.toMatchObject({ code: 'unreachable', passing: true })
  })

  test('an answer without a Location cannot be ended and is refused', async () => {
    await expect(exchange('o', tickets(), server([new Response('v=0', { status: 201 })]).fetch)).rejects.toMatchObject({ code: 'no_location' })
  })

  test('releasing deletes the resource and minds no failure', async () => {
    const { sent, fetch } = server([])
    await release('https://class.example.org/whip/l/main/secret', fetch)
    expect(sent[0]).toMatchObject({ method: 'DELETE', url: 'https://class.example.org/whip/l/main/secret' })
  })
})
