/** One source that this machine publishes, and keeps publishing until it is told to stop. */

import { ref, shallowRef } from 'vue'
import { Keeper, type Connection, type Report } from '@/protocol/keeper'
import type { Refusal } from '@/protocol/problem'
import { reach } from '@/protocol/reach'
import { PUBLISH_POLICY, returnDelayMs, type Link } from '@/protocol/reconnect'
import type { VideoCodec } from '@/protocol/sdp'
import type { Quality } from '@/protocol/signal'
import { publish, type WhipSession } from '@/protocol/whip'
import { rest } from '@/session/api'
import { clientId } from './client'
import { observe } from './stats'

export interface PublicationWish {
  lessonId: string
  source: string
  content: 'camera' | 'screen'
  codec: VideoCodec
}

type Tracks = Record<'video' | 'audio', MediaStreamTrack | null>

export class Publication {
  readonly link = shallowRef<Link>({ name: 'idle' })
  readonly refusal = shallowRef<Refusal | null>(null)
  readonly quality = shallowRef<Quality | null>(null)
  /** What the server agreed to; null before, and when it takes the sound only. */
  readonly codec = ref<VideoCodec | null>(null)
  private readonly tracks: Tracks = { video: null, audio: null }
  private session: WhipSession | null = null
  private keeper: Keeper | null = null
  private forced = false

  constructor(private readonly wish: PublicationWish) {}

  get source(): string {
    return this.wish.source
  }

  get running(): boolean {
    return this.keeper !== null
  }

  /** Begins with these tracks; at least one. A second call with others changes them on the way. */
  start(video: MediaStreamTrack | null, audio: MediaStreamTrack | null): void {
    if (this.keeper) { void this.setTracks(video, audio); return }
    Object.assign(this.tracks, { video, audio })
    const keeper = new Keeper((report, _attempt, signal) => this.dial(report, signal), PUBLISH_POLICY, (link) => {
      this.link.value = link
      this.refusal.value = keeper.refusal
    }, reach)
    this.keeper = keeper
    keeper.start()
  }

  /** A device that opens while we are still dialling is not forgotten: `dial` looks again when it is through. */
  async setTracks(video: MediaStreamTrack | null, audio: MediaStreamTrack | null): Promise<void> {
    const had = { ...this.tracks }
    Object.assign(this.tracks, { video, audio })
    await this.follow(had)
  }

  /** Brings the session from the tracks that it was given to those that there are now. */
  private async follow(had: Tracks): Promise<void> {
    const { session, tracks: { video, audio } } = this
    if (!session || (video === had.video && audio === had.audio)) return
    const grew = (video !== null && had.video === null && !this.carries('video'))
      || (audio !== null && had.audio === null && !this.carries('audio'))
    if (grew) { this.keeper?.moved(0); return }
    await session.replaceTrack('video', video)
    await session.replaceTrack('audio', audio)
  }

  /** The layers that anybody has use for (event `source.layers`); a new session begins with all of them. */
  wanted(rids: readonly string[]): void {
    void this.session?.sendLayers(rids)
  }

  /** After "somebody already publishes this source" or any other refusal. */
  retry(): void {
    this.keeper?.retry()
  }

  /** 强制接管: throws out whoever publishes this source now. Whether this person may is the server's to say. */
  takeOver(): void {
    this.forced = true
    this.retry()
  }

  /** The server is in reach again. */
  hurry(): void {
    this.keeper?.hurry()
  }

  /** The media process was replaced. */
  moved(onAir: boolean): void {
    this.keeper?.moved(returnDelayMs(onAir, Math.random()))
  }

  /** Idempotent. */
  stop(): void {
    this.keeper?.stop()
    this.keeper = null
    this.link.value = { name: 'idle' }
    this.quality.value = null
  }

  private carries(kind: 'video' | 'audio'): boolean {
    return this.session?.pc.getTransceivers().some(one => one.receiver.track.kind === kind) ?? false
  }

  private async dial(report: Report, signal: AbortSignal): Promise<Connection> {
    const { lessonId, source, content, codec } = this.wish
    const sent = { ...this.tracks }
    const replace = this.forced
    this.forced = false
    const session = await publish({
      ...sent, content, codec,
      // The server lets this tab's own client_id take over from itself; forcing others out is a person's wish, once.
      newTicket: signal => rest.ticket(lessonId, { use: 'publish', source, client_id: clientId(), replace }, signal),
    }, report, signal)
    this.session = session
    this.codec.value = session.codec
    void this.follow(sent)
    const quiet = observe(session.pc, 'outbound-rtp', (quality) => { this.quality.value = quality })
    return {
      ...session,
      close: () => {
        quiet()
        session.close()
        if (this.session === session) this.session = null
      },
    }
  }
}
