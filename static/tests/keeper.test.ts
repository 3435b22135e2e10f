import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Keeper, type Connection, type Report } from '@/protocol/keeper'
import { Reach } from '@/protocol/reach'
import { MEDIA_POLICY, type Link } from '@/protocol/reconnect'

type End = 'restarted' | 'gone' | 'unreachable'

/** A keeper whose dials succeed, whose restarts end as told, and what it did. */
function kept(ends: (End | Error)[], reach: Reach | null = null) {
  const did: string[] = []
  const reports: Report[] = []
  const links: Link[] = []
  const keeper = new Keeper(async (report) => {
    did.push('dial')
    reports.push(report)
    const connection: Connection = {
      close: () => { did.push('close') },
      restart: async () => {
        did.push('restart')
        const end = ends.shift() ?? 'restarted'
        return end instanceof Error ? Promise.reject(end) : Promise.resolve(end)
      },
    }
    return Promise.resolve(connection)
  }, MEDIA_POLICY, (link) => { links.push(link) }, reach)
  const newest = (): Report => reports[reports.length - 1] ?? (() => undefined)
  return { keeper, did, newest, state: () => keeper.state.name }
}

const settle = async () => { await vi.advanceTimersByTimeAsync(0) }

describe('who keeps a connection', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  async function up(ends: (End | Error)[], reach: Reach | null = null) {
    const all = kept(ends, reach)
    all.keeper.start()
    await settle()
    all.newest()({ type: 'connected' })
    return all
  }

  test('a disconnected one is restarted and never closed', async () => {
    const { keeper, did, newest, state } = await up(['restarted'])
    newest()({ type: 'disconnected' })
    await settle()
    newest()({ type: 'connected' })
    expect(did).toEqual(['dial', 'restart'])
    expect(state()).toBe('up')
    keeper.stop()
  })

  test('one that the server no longer knows, or that the browser cannot restart, is dialled anew at once', async () => {
    for (const end of ['gone' as const, new Error('closed')]) {
      const { keeper, did, newest } = await up([end])
      newest()({ type: 'disconnected' })
      await settle()
      expect(did).toEqual(['dial', 'restart', 'close', 'dial'])
      keeper.stop()
    }
  })

  test('without a network it is tried again and again, one at a time', async () => {
    const { keeper, did, newest } = await up(['unreachable', 'unreachable', 'restarted'])
    newest()({ type: 'disconnected' })
    newest()({ type: 'failed' })
    await vi.advanceTimersByTimeAsync(1_500)
    expect(did).toEqual(['dial', 'restart', 'restart', 'restart'])
    keeper.stop()
  })

  test('what comes of a restart after its connection was given up changes nothing', async () => {
    const { keeper, did, newest, state } = await up(['gone'])
    newest()({ type: 'disconnected' })
    keeper.stop()
    await settle()
    expect(did).toEqual(['dial', 'restart', 'close'])
    expect(state()).toBe('closed')
  })

  test('into silence nobody asks; the first word of the server restarts what it still knows, at once', async () => {
    const reach = new Reach(() => 0)
    const { keeper, did, newest } = await up(['unreachable', 'restarted'], reach)
    newest()({ type: 'disconnected' })
    reach.missed(0)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(did).toEqual(['dial', 'restart'])
    reach.heard(1)
    await settle()
    expect(did).toEqual(['dial', 'restart', 'restart'])
    keeper.stop()
  })

  test('a silence that is none does not last: it asks by itself after a while', async () => {
    const reach = new Reach(() => 0)
    const { keeper, did, newest } = await up(['unreachable', 'restarted'], reach)
    newest()({ type: 'disconnected' })
    reach.missed(0)
    await vi.advanceTimersByTimeAsync(31_000)
    expect(did).toEqual(['dial', 'restart', 'restart'])
    keeper.stop()
  })

  test('a dial that hangs in the network that was is made again; one that is answered meanwhile is not', async () => {
    for (const answered of [false, true]) {
      const reach = new Reach(() => 0)
      let dials = 0
      let answer: () => void = () => undefined
      const keeper = new Keeper(async () => {
        dials += 1
        await new Promise<void>((resolve) => { answer = resolve })
        return { close: () => undefined }
      }, MEDIA_POLICY, () => undefined, reach)
      keeper.start()
      reach.missed(0)
      reach.heard(1)
      if (answered) answer()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(dials).toBe(answered ? 1 : 2)
      keeper.stop()
    }
  })

  test('another network is another way; a new estimate of its speed is not', async () => {
    const connection = Object.assign(new EventTarget(), { type: 'wifi' })
    vi.stubGlobal('navigator', { connection })
    const { keeper, did } = await up(['restarted', 'restarted'])
    connection.dispatchEvent(new Event('change'))
    await settle()
    expect(did).toEqual(['dial'])
    connection.type = 'cellular'
    connection.dispatchEvent(new Event('change'))
    connection.dispatchEvent(new Event('change'))
    await settle()
    expect(did).toEqual(['dial', 'restart'])
    keeper.stop()
    vi.unstubAllGlobals()
  })

  test('nobody is told after its end', async () => {
    const reach = new Reach(() => 0)
    const { keeper, did } = await up([], reach)
    keeper.stop()
    reach.missed(0)
    reach.heard(1)
    await settle()
    expect(did).toEqual(['dial', 'close'])
  })
})
