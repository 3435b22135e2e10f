import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange, release, restart, type Exchange, type Fetch } from '@/protocol/exchange'
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

  test('a source that another machine of a venue holds is asked for again when the server says so', async () => {
    const taken = new Response(JSON.stringify({ status: 409, code: 'source_taken', title: '不行', title_en: 'No' }), {
      status: 409, headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '5' },
    })
    await expect(exchange('o', tickets(), server([taken]).fetch)).rejects.toMatchObject({ passing: true, retryAfterMs: 5_000 })
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

describe('a restart of ICE', () => {
  const OFFER = ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:new', 'a=ice-pwd:newpassword', 'a=mid:0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=ice-ufrag:new', 'a=ice-pwd:newpassword', 'a=mid:1', ''].join('\r\n')
  const ANSWER = ['v=0', 'a=ice-lite', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:o1', 'a=ice-pwd:p1', 'a=mid:0', 'a=candidate:1 1 udp 9 192.0.2.1 1 typ host',
    'a=end-of-candidates', ''].join('\r\n')
  const FRAGMENT = ['a=ice-ufrag:o2', 'a=ice-pwd:p2', 'm=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', 'a=candidate:1 1 udp 9 192.0.2.2 1 typ host', 'a=end-of-candidates', ''].join('\r\n')

  function connection(state = 'stable') {
    const told: string[] = []
    const pc = {
      signalingState: state,
      createOffer: async (options: RTCOfferOptions) => Promise.resolve({ type: 'offer', sdp: options.iceRestart ? OFFER : '' }),
      setLocalDescription: async () => { told.push('local'); return Promise.resolve() },
      setRemoteDescription: async ({ sdp }: RTCSessionDescriptionInit) => { told.push(sdp ?? ''); return Promise.resolve() },
    } as unknown as RTCPeerConnection
    const held: Exchange = { answer: ANSWER, resource: 'https://class.example.org/whip/resource/s', etag: '"o1"', iceServers: [] }
    return { pc, held, told }
  }
  const never = new AbortController().signal

  test('new credentials go by PATCH with If-Match: *, and ours come back into the same answer', async () => {
    const { pc, held, told } = connection()
    const { sent, fetch } = server([new Response(FRAGMENT, { status: 200 })])
    expect(await restart(pc, held, fetch, never)).toBe('restarted')
    expect(sent[0]).toMatchObject({ method: 'PATCH', url: held.resource })
    expect(sent[0]?.body.split('\r\n')).toEqual(['a=ice-ufrag:new', 'a=ice-pwd:newpassword', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', ''])
    const renewed = ANSWER.replace('o1', 'o2').replace('p1', 'p2').replace('192.0.2.1', '192.0.2.2')
    expect(told).toEqual(['local', renewed])
    expect(held.answer).toBe(renewed)
  })

  test('a session that the server no longer knows is gone; one that cannot be asked is not', async () => {
    for (const [answers, end] of [[[refused(404, 'session_unknown')], 'gone'], [[refused(503, 'media_unavailable')], 'unreachable']] as const) {
      const { pc, held, told } = connection()
      expect(await restart(pc, held, server([...answers]).fetch, never)).toBe(end)
      expect(told).toEqual([])
    }
    const { pc, held } = connection()
    expect(await restart(pc, held, server([]).fetch, never)).toBe('unreachable')
  })

  test('a browser that cannot is no reason to wait for a network', async () => {
    const { pc, held } = connection()
    pc.createOffer = async () => Promise.reject(new DOMException('closed', 'InvalidStateError'))
    await expect(restart(pc, held, server([]).fetch, never)).rejects.toThrow('closed')
  })

  test('in the middle of another negotiation there is none', async () => {
    const { pc, held } = connection('have-local-offer')
    expect(await restart(pc, held, server([]).fetch, never)).toBe('gone')
  })
})
