/** What everybody watches: WebRTC first, live HLS when that is not there within five seconds. */

import { ref, shallowRef } from 'vue'
import { monotonicMs } from '@/clock'
import { play, type HlsPlayer } from '@/protocol/hls'
import { Keeper, type Connection, type Report } from '@/protocol/keeper'
import type { Refusal } from '@/protocol/problem'
import { reach } from '@/protocol/reach'
import { downSince, MEDIA_POLICY, plannedMs, WATCH_POLICY, type Link } from '@/protocol/reconnect'
import { Returning } from '@/protocol/returning'
import type { VideoCodec } from '@/protocol/sdp'
import type { Quality } from '@/protocol/signal'
import { linesFor, Stillness, worthResizing } from '@/protocol/view'
import { canWatch, onlyHeard, watch, type WhepSession } from '@/protocol/whep'
import { rest } from '@/session/api'
import { clientId } from './client'
import { observe } from './stats'

export const FALLBACK_AFTER_MS = 5_000
/** A line that came back must stay this long before the picture moves over to it. */
const RETURN_AFTER_MS = 1_500
const HLS_RETRY_MS = 3_000
const HURRY_MS = 1_000
const RENEW_RETRY_S = 20

export interface ProgrammeWish {
  lessonId: string
  codec: VideoCodec
  /** A preview is silent. */
  sound: boolean
  /** A preview has no second way either. */
  fallback: boolean
  /** Pictures no larger than they are shown here; else as large as there are. */
  fitted?: boolean
}

export interface Elements {
  camera: HTMLVideoElement
  screen: HTMLVideoElement
  audio: HTMLAudioElement[]
}

export type Route = 'none' | 'webrtc' | 'hls'

export class Programme {
  readonly link = shallowRef<Link>({ name: 'idle' })
  readonly route = ref<Route>('none')
  readonly quality = shallowRef<Quality | null>(null)
  readonly refusal = shallowRef<Refusal | null>(null)
  readonly audioOnly = ref(false)
  /** The network takes no picture now, says the server; it comes back by itself. */
  readonly weak = ref(false)
  /** The person chose the steady line; WebRTC is not tried. */
  readonly steady = ref(false)
  /** The browser refused to play with sound without another touch. */
  readonly blocked = ref(false)
  /** The live playlist arrives; meaningless on the other route. */
  readonly hlsUp = ref(false)
  private elements: Elements | null = null
  private tracks: { video: (MediaStreamTrack | null)[], audio: (MediaStreamTrack | null)[] } = { video: [], audio: [] }
  private keeper: Keeper | null = null
  private session: WhepSession | null = null
  private askedLines: number | null = null
  private readonly stillness = new Stillness()
  private players: HlsPlayer[] = []
  private screenPlayer: HlsPlayer | null = null
  private screenShared = false
  private timers = new Set<ReturnType<typeof setTimeout>>()
  private hlsGeneration = 0
  private asking: AbortController | null = null
  private unfollow: () => void = () => undefined
  /** When it is our turn to dial a media process that was replaced; 0: it was not. */
  private turnMs = 0
  private curtain = false

  private readonly tickets = new Returning(signal =>
    rest.ticket(this.wish.lessonId, { use: 'watch', view: 'programme', client_id: clientId() }, signal))

  constructor(private readonly wish: ProgrammeWish) {}

  get running(): boolean {
    return this.route.value !== 'none' || this.keeper !== null
  }

  /** Must run inside the tap: the elements are touched here so that the browser lets them sound later. */
  prime(elements: Elements): void {
    this.elements = elements
    for (const element of all(elements)) {
      element.srcObject ??= new MediaStream()
      element.play().catch(() => undefined)
    }
  }

  /** Inside the tap too, unless the elements were primed by one. */
  start(elements: Elements): void {
    this.prime(elements)
    this.unfollow()
    this.unfollow = reach.follow(() => { if (this.route.value === 'hls' && !this.hlsPlays()) void this.toHls() })
    if (this.steady.value || !canWatch(this.wish.codec)) void this.toHls()
    else this.dialWebRtc()
  }

  /** The same elements, another number of lines: the picture is left out at its source, not only hidden. */
  setAudioOnly(on: boolean): void {
    if (on === this.audioOnly.value) return
    this.audioOnly.value = on
    if (this.route.value === 'hls') { void this.toHls(); return }
    this.redial()
  }

  setSteady(on: boolean): void {
    if (on === this.steady.value) return
    this.steady.value = on
    if (on) { this.keeper?.stop(); this.keeper = null; void this.toHls() } else this.redial()
  }

  /** The pictures have another size now. */
  fit(): void {
    const lines = this.lines()
    if (!this.session || !worthResizing(this.askedLines, lines)) return
    this.askedLines = lines
    void this.session.resize(lines)
  }

  /** After a block: inside another touch. */
  resume(): void {
    this.blocked.value = false
    if (this.elements) for (const element of all(this.elements)) this.sound(element)
  }

  /**
   * While it is down the server sends no programme. What is in our buffers neither shows nor sounds any more, and on the
   * steady line nothing that was fetched is played when it rises.
   */
  setCurtain(down: boolean): void {
    if (down === this.curtain) return
    this.curtain = down
    this.applyCurtain()
    if (this.route.value === 'hls') void this.toHls()
  }

  private applyCurtain(): void {
    for (const track of [...this.tracks.video, ...this.tracks.audio]) if (track) track.enabled = !this.curtain
  }

  /** On the steady line the screen is a playlist of its own, which is there only when somebody shares. */
  setScreen(shared: boolean): void {
    if (shared === this.screenShared) return
    this.screenShared = shared
    if (this.route.value !== 'hls') return
    if (shared) void this.findScreen(this.hlsGeneration)
    else void this.followScreen(this.hlsGeneration, null)
  }

  /** Within `spreadMs`, each at its own moment: the server says how many come back. */
  moved(spreadMs: number): void {
    const delayMs = Math.random() * spreadMs
    this.keeper?.moved(delayMs)
    if (this.route.value === 'hls') this.hlsAgain(this.hlsGeneration, delayMs)
  }

  /** The socket is there again. When it was the server that went away a whole hall is: each a little later than the other. */
  hurry(): void {
    this.later(Math.random() * HURRY_MS, () => { this.keeper?.hurry() })
  }

  retry(): void {
    this.keeper?.retry()
  }

  /** Of a clip in the camera's place there is no picture here. */
  onlyHears(clip: boolean): boolean {
    return onlyHeard(clip, this.route.value === 'hls')
  }

  /** What this browser could not decode is over. */
  decodable(): void {
    if (this.link.value.name === 'refused') this.retry()
  }

  /** Idempotent. */
  stop(): void {
    this.keeper?.stop()
    this.keeper = null
    this.unfollow()
    this.closeHls()
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    if (this.elements) for (const element of all(this.elements)) element.srcObject = null
    this.elements = null
    this.route.value = 'none'
    this.link.value = { name: 'idle' }
    this.quality.value = null
  }

  private redial(): void {
    this.keeper?.stop()
    this.keeper = null
    this.dialWebRtc()
  }

  private dialWebRtc(): void {
    const keeper = new Keeper((report, _attempt, signal) => this.dial(report, signal), this.wish.fallback ? WATCH_POLICY : MEDIA_POLICY, (link) => {
      this.link.value = link
      this.refusal.value = keeper.refusal
      this.decideRoute(link)
    }, reach)
    this.keeper = keeper
    keeper.start()
  }

  private decideRoute(link: Link): void {
    if (link.name === 'up') {
      this.turnMs = 0
      if (this.route.value === 'hls' && this.hlsPlays()) this.later(RETURN_AFTER_MS, () => { if (this.link.value.name === 'up') this.toWebRtc() })
      else this.toWebRtc()
      return
    }
    if (link.name === 'refused' && link.code === 'no_known_codec' && this.wish.fallback && this.route.value !== 'hls') void this.toHls()
    const since = downSince(link)
    if (since === null || !this.wish.fallback || this.route.value === 'hls') return
    // Whoever waits for its turn to come back is not helped by a hall that fetches segments instead.
    this.turnMs = plannedMs(link) ?? this.turnMs
    const left = Math.max(0, FALLBACK_AFTER_MS - (monotonicMs() - Math.max(since, this.turnMs)))
    this.later(left, () => { if (downSince(this.link.value) === since && this.route.value !== 'hls') void this.toHls() })
  }

  private async dial(report: Report, signal: AbortSignal): Promise<Connection> {
    this.tracks = { video: [], audio: [] }
    this.askedLines = this.lines()
    const session = await watch({
      height: this.askedLines,
      video: this.audioOnly.value ? 0 : 2,
      audio: this.wish.sound ? 3 : 0,
      codec: this.wish.codec,
      newTicket: signal => this.tickets.next(signal),
      onTrack: (kind, index, track) => {
        this.tracks[kind][index] = track
        if (this.route.value !== 'hls') this.connectElements()
      },
    }, report, signal).catch((error: unknown) => { this.tickets.failed(error); throw error })
    this.tickets.worked()
    this.session = session
    this.fit()
    const quiet = observe(session.pc, 'inbound-rtp', (quality) => {
      if (this.route.value !== 'hls') this.quality.value = quality
      void this.watchPicture(session, quality)
    })
    return {
      ...session,
      close: () => {
        quiet()
        session.close()
        if (this.session !== session) return
        this.session = null
        this.weak.value = false
      },
    }
  }

  private lines(): number | null {
    if (!this.wish.fitted || !this.elements) return null
    const { camera, screen } = this.elements
    return linesFor(Math.max(camera.clientHeight, screen.clientHeight), globalThis.devicePixelRatio)
  }

  /** A picture that was there and stands still, while sound goes on: the server knows whether the network is the reason. */
  private async watchPicture(session: WhepSession, quality: Quality): Promise<void> {
    if (quality.framesPerSecond > 0 || this.audioOnly.value) {
      this.stillness.moves()
      this.weak.value = false
      return
    }
    const shown = (this.elements?.camera.videoWidth ?? 0) > 2 || (this.elements?.screen.videoWidth ?? 0) > 2
    if (!shown || quality.bitrateBps === 0 || !this.stillness.stands(monotonicMs())) return
    const view = await session.view()
    if (view && session === this.session) this.weak.value = view.soundOnly
  }

  private toWebRtc(): void {
    this.closeHls()
    this.route.value = 'webrtc'
    this.connectElements()
  }

  private connectElements(): void {
    if (!this.elements) return
    const { camera, screen, audio } = this.elements
    connect(camera, this.tracks.video[0], true)
    connect(screen, this.tracks.video[1], true)
    audio.forEach((element, index) => { connect(element, this.tracks.audio[index], false) })
    for (const element of all(this.elements)) this.sound(element)
    this.applyCurtain()
  }

  private hlsPlays(): boolean {
    return this.hlsUp.value && (this.elements?.camera.readyState ?? 0) > HTMLMediaElement.HAVE_CURRENT_DATA
  }

  /** Into silence nothing is asked; the first word of the server ends it. */
  private async toHls(): Promise<void> {
    if (!this.elements) return
    this.closeHls()
    const generation = this.hlsGeneration
    this.route.value = 'hls'
    this.hlsUp.value = false
    this.quality.value = null
    if (reach.silent || this.curtain) return
    this.asking = new AbortController()
    try {
      const urls = await rest.livePlaylists(this.wish.lessonId, this.asking.signal)
      if (generation !== this.hlsGeneration || !this.elements) return
      const { camera, audio } = this.elements
      for (const element of audio) element.srcObject = null
      this.renewHlsAfter(urls.renew_after_s, generation)
      await this.playHls(camera, urls.camera, generation, !this.wish.sound)
      await this.followScreen(generation, urls.screen)
    } catch {
      this.hlsAgain(generation)
    }
  }

  private async playHls(video: HTMLVideoElement, url: string, generation: number, muted: boolean): Promise<void> {
    video.srcObject = null
    video.muted = muted
    const player = await play({
      video, url, live: true,
      onLost: () => { this.hlsUp.value = false; this.hlsAgain(generation) },
      onReady: () => { this.hlsUp.value = true; this.sound(video) },
    })
    if (generation === this.hlsGeneration) this.players.push(player)
    else player.close()
  }

  /** The addresses are short-lived: both players go over to the next ones while they play. A hall does so one by one. */
  private renewHlsAfter(seconds: number | undefined, generation: number): void {
    if (!seconds) return
    this.later(seconds * 1000 * (0.8 + 0.2 * Math.random()), () => { void this.renewHls(generation) })
  }

  /** Without an answer it is tried again soon; a right that is gone shows when the address has run out. */
  private async renewHls(generation: number): Promise<void> {
    if (generation !== this.hlsGeneration) return
    const urls = await rest.livePlaylists(this.wish.lessonId).catch(() => null)
    if (generation !== this.hlsGeneration) return
    if (urls) for (const player of [...this.players, this.screenPlayer]) player?.renew(urls.camera)
    this.renewHlsAfter(urls ? urls.renew_after_s : RENEW_RETRY_S, generation)
  }

  /** The first seconds of a shared screen have no playlist yet: ask again. */
  private async followScreen(generation: number, url: string | null): Promise<void> {
    if (generation !== this.hlsGeneration) return
    this.screenPlayer?.close()
    this.screenPlayer = null
    if (!this.elements || !this.screenShared || this.audioOnly.value) return
    if (!url) { this.screenLater(generation); return }
    const { screen } = this.elements
    screen.srcObject = null
    screen.muted = true
    const player = await play({
      video: screen, url, live: true,
      onLost: () => { this.screenLater(generation) },
      onReady: () => { this.sound(screen) },
    })
    if (generation === this.hlsGeneration && this.screenShared) this.screenPlayer = player
    else player.close()
  }

  private screenLater(generation: number): void {
    this.later(HLS_RETRY_MS, () => { void this.findScreen(generation) })
  }

  private async findScreen(generation: number): Promise<void> {
    if (generation !== this.hlsGeneration || !this.screenShared) return
    const urls = await rest.livePlaylists(this.wish.lessonId).catch(() => null)
    await this.followScreen(generation, urls?.screen ?? null)
  }

  /** Before the first segment there is no playlist yet, and a grant runs out: in both cases ask again. */
  private hlsAgain(generation: number, afterMs = HLS_RETRY_MS): void {
    this.later(afterMs, () => { if (generation === this.hlsGeneration && this.route.value === 'hls') void this.toHls() })
  }

  private closeHls(): void {
    this.hlsGeneration += 1
    this.asking?.abort()
    for (const player of this.players) player.close()
    this.players = []
    this.screenPlayer?.close()
    this.screenPlayer = null
  }

  private sound(element: HTMLMediaElement): void {
    if (!element.paused) return
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.blocked.value = true
    })
  }

  private later(ms: number, act: () => void): void {
    const timer = setTimeout(() => { this.timers.delete(timer); act() }, ms)
    this.timers.add(timer)
  }
}

const all = (elements: Elements): HTMLMediaElement[] => [elements.camera, elements.screen, ...elements.audio]

/** A fresh stream for each track: some browsers don't notice a track changed inside a stream. */
function connect(element: HTMLMediaElement, track: MediaStreamTrack | null | undefined, silent: boolean): void {
  const present = element.srcObject instanceof MediaStream ? element.srcObject.getTracks()[0] : undefined
  if (present === (track ?? undefined) && element.srcObject) return
  if (silent) element.muted = true
  element.srcObject = track ? new MediaStream([track]) : new MediaStream()
}
