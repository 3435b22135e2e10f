/** The venues' live pictures, or their sound: one WHEP session for all of them. */

import { shallowReactive, shallowRef } from 'vue'
import { Keeper, type Connection, type Report } from '@/protocol/keeper'
import { reach } from '@/protocol/reach'
import { MEDIA_POLICY, type Link } from '@/protocol/reconnect'
import type { VideoCodec } from '@/protocol/sdp'
import { watch } from '@/protocol/whep'
import { rest } from '@/session/api'
import { clientId } from './client'

export class Wall {
  /** By source name. A stream stands here as soon as it is agreed, before its first picture. */
  readonly streams = shallowReactive(new Map<string, MediaStream>())
  readonly link = shallowRef<Link>({ name: 'idle' })
  private sources: readonly string[] = []
  private keeper: Keeper | null = null

  constructor(private readonly lessonId: string, private readonly codec: VideoCodec, private readonly kind: 'video' | 'audio' = 'video') {}

  /** Another set of sources is another session; the same set changes nothing. */
  show(sources: readonly string[]): void {
    if (sources.join() === this.sources.join()) return
    this.stop()
    this.sources = [...sources]
    if (sources.length === 0) return
    this.keeper = new Keeper((report, _attempt, signal) => this.dial(report, signal), MEDIA_POLICY, (link) => {
      this.link.value = link
    }, reach)
    this.keeper.start()
  }

  moved(): void {
    this.keeper?.moved(Math.random() * 600)
  }

  /** The server is in reach again. */
  hurry(): void {
    this.keeper?.hurry()
  }

  retry(): void {
    this.keeper?.retry()
  }

  /** Idempotent. */
  stop(): void {
    this.keeper?.stop()
    this.keeper = null
    this.sources = []
    this.streams.clear()
    this.link.value = { name: 'idle' }
  }

  private async dial(report: Report, signal: AbortSignal): Promise<Connection> {
    const sources = this.sources
    const session = await watch({
      video: this.kind === 'video' ? sources.length : 0,
      audio: this.kind === 'audio' ? sources.length : 0,
      codec: this.codec,
      newTicket: signal => rest.ticket(this.lessonId, {
        use: 'watch', view: `sources:${sources.join(',')}`, client_id: clientId(),
      }, signal),
      onTrack: (_kind, index, track) => {
        const source = sources[index]
        if (source !== undefined) this.streams.set(source, new MediaStream([track]))
      },
    }, report, signal)
    return { ...session, close: () => { session.close(); this.streams.clear() } }
  }
}
