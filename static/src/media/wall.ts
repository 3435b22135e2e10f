/** The venues' live pictures, or their sound: one WHEP session for all of them. */

import { shallowReactive, shallowRef } from 'vue'
import { Keeper, type Connection, type Report } from '@/protocol/keeper'
import { reach } from '@/protocol/reach'
import { MEDIA_POLICY, type Link } from '@/protocol/reconnect'
import type { VideoCodec } from '@/protocol/sdp'
import { watch, type WhepSession } from '@/protocol/whep'
import { rest } from '@/session/api'
import { clientId } from './client'

const ANSWER_MS = 3_000

export class Wall {
  /** By source name. A stream stands here as soon as it is agreed, before its first picture. */
  readonly streams = shallowReactive(new Map<string, MediaStream>())
  readonly link = shallowRef<Link>({ name: 'idle' })
  private sources: readonly string[] = []
  private session: WhepSession | null = null
  /** Of the connection, in the order of its pictures. */
  private tracks: MediaStreamTrack[] = []
  private turning = false
  private keeper: Keeper | null = null

  constructor(private readonly lessonId: string, private readonly codec: VideoCodec, private readonly kind: 'video' | 'audio' = 'video') {}

  /** Others in the same connection, as long as it has a picture for each of them. */
  show(sources: readonly string[]): void {
    if (sources.join() === this.sources.join()) return
    if (this.session && sources.length > 0 && sources.length <= this.tracks.length) {
      this.sources = [...sources]
      void this.turn()
      return
    }
    this.stop()
    this.sources = [...sources]
    if (sources.length > 0) this.start()
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

  private start(): void {
    this.keeper = new Keeper((report, _attempt, signal) => this.dial(report, signal), MEDIA_POLICY, (link) => {
      this.link.value = link
    }, reach)
    this.keeper.start()
  }

  /** One change after the other; what was wanted meanwhile is skipped. Without an answer it dials anew. */
  private async turn(): Promise<void> {
    this.streams.clear() // never a picture under another's name
    if (this.turning) return
    this.turning = true
    let [session, wanted] = [this.session, this.sources]
    let done = false
    while (session) {
      const late = new Promise<null>((resolve) => { setTimeout(() => { resolve(null) }, ANSWER_MS) })
      done = await Promise.race([session.lookAt(wanted), late]) !== null
      if (!done || (session === this.session && wanted === this.sources)) break
      ;[session, wanted] = [this.session, this.sources]
    }
    this.turning = false
    if (!session || session !== this.session) return
    if (done) this.assign()
    else this.keeper?.moved(0)
  }

  /** A new stream for each, so that nothing of what its track showed before stays. */
  private assign(): void {
    this.streams.clear()
    this.sources.forEach((source, index) => {
      const track = this.tracks[index]
      if (track) this.streams.set(source, new MediaStream([track]))
    })
  }

  private async dial(report: Report, signal: AbortSignal): Promise<Connection> {
    const sources = this.sources
    this.tracks = []
    const session = await watch({
      video: this.kind === 'video' ? sources.length : 0,
      audio: this.kind === 'audio' ? sources.length : 0,
      codec: this.codec,
      newTicket: signal => rest.ticket(this.lessonId, {
        use: 'watch', view: `sources:${sources.join(',')}`, client_id: clientId(),
      }, signal),
      onTrack: (_kind, index, track) => {
        this.tracks[index] = track
        const source = sources[index]
        if (source !== undefined && sources === this.sources) this.streams.set(source, new MediaStream([track]))
      },
    }, report, signal)
    this.session = session
    if (sources !== this.sources) void this.turn()
    return { ...session, close: () => { this.hungUp(session) } }
  }

  private hungUp(session: WhepSession): void {
    session.close()
    if (this.session !== session) return
    this.session = null
    this.streams.clear()
  }
}
