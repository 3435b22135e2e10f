import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Keeper, type Connection, type Report } from '@/protocol/keeper'
import { MEDIA_POLICY, type Link } from '@/protocol/reconnect'

type End = 'restarted' | 'gone' | 'unreachable'

/** A keeper whose dials succeed, whose restarts end as told, and what it did. */
function kept(ends: (End | Error)[]) {
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
  }, MEDIA_POLICY, (link) => { links.push(link) })
  const newest = (): Report => reports[reports.length - 1] ?? (() => undefined)
  return { keeper, did, newest, state: () => keeper.state.name }
}

const settle = async () => { await vi.advanceTimersByTimeAsync(0) }

describe('who keeps a connection', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  async function up(ends: (End | Error)[]) {
    const all = kept(ends)
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
})
