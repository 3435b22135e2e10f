/** Playing a playlist: hls.js (loaded only when needed) where Media Source works, else the browser's own player. */

import type HlsType from 'hls.js'
import type { Connection } from './keeper'
import type { Piece } from './timeline'

export interface HlsPlayer extends Connection {
  /** Dated pieces of the playlist, empty before it is loaded. */
  pieces: () => Piece[]
  /** Distance to the live edge in seconds; null for a finished recording or when unknown. */
  latency: () => number | null
  /**
   * The playlist's next address: whatever is fetched from now on is fetched by it, without a gap. The browser's own
   * player can't be told so; with the cookie that it sends along the server lets the old address go on.
   */
  renew: (url: string) => void
}

export interface HlsWish {
  video: HTMLVideoElement
  url: string
  live: boolean
  startAt?: number
  /** The grant ran out or the playlist went away: ask for a new one. Called at most once. */
  onLost: (code: 'expired' | 'missing' | 'broken') => void
  onReady?: () => void
}

/** `/hls/<recording>/<grant>/`, before the file's name. */
const FOLDER = /^(.*\/hls\/[^/]+\/)[^/]+\/(?=[^/]*$)/

/** The same file by the grant of `current`, when both are of one recording. */
export function byGrantOf(current: string, url: string): string {
  const [folder, recording] = FOLDER.exec(current) ?? []
  const [old, theirs] = FOLDER.exec(url) ?? []
  return folder && old && recording && theirs?.endsWith(recording) ? `${theirs.slice(0, -recording.length)}${folder}${url.slice(old.length)}` : url
}

/**
 * How fast to play so near to the live edge. Behind a curtain the first pieces are short, so that the picture is back soon,
 * and grow; playing a tenth slower the player gets the distance that long pieces need without ever standing still.
 */
export class Pace {
  private settled = false

  at(latencyS: number): number {
    this.settled ||= latencyS >= ENOUGH_S
    return this.settled || latencyS <= 0 ? 1 : SLOWER
  }
}
const ENOUGH_S = 3.6
const SLOWER = 0.9

const NATIVE = 'application/vnd.apple.mpegurl'

/** Safari and iOS webviews; hls.js is preferred where both work, for its dates and its errors. */
export function playsNatively(video: HTMLVideoElement): boolean {
  return video.canPlayType(NATIVE) !== ''
}

export async function play(wish: HlsWish): Promise<HlsPlayer> {
  const { default: Hls } = await import('hls.js/light')
  if (Hls.isSupported()) return withHlsJs(Hls as unknown as typeof HlsType, wish)
  return withBrowser(wish)
}

function withHlsJs(Hls: typeof HlsType, wish: HlsWish): HlsPlayer {
  let current = wish.url
  const hls = new Hls({
    // hls.js opens a request only when this has not: https://github.com/video-dev/hls.js/blob/master/docs/API.md#xhrsetup
    xhrSetup: (xhr, url) => { xhr.open('GET', byGrantOf(current, url), true) },
    enableWorker: false, // fragmented MP4 needs no transmuxing, and the page's policy allows no blob workers
    lowLatencyMode: false,
    liveSyncDurationCount: 2,
    liveMaxLatencyDurationCount: 6,
    maxLiveSyncPlaybackRate: 1.05,
    backBufferLength: 30,
    startPosition: wish.startAt ?? -1,
  })
  const pace = new Pace()
  const keepDistance = () => { wish.video.playbackRate = pace.at(hls.latency) }
  if (wish.live) wish.video.addEventListener('timeupdate', keepDistance)
  let lost = false
  let recoveries = 0
  hls.on(Hls.Events.ERROR, (_name, data) => {
    if (!data.fatal || lost) return
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries < 3) {
      recoveries += 1
      hls.recoverMediaError()
      return
    }
    lost = true
    const status = data.response?.code
    wish.onLost(status === 403 ? 'expired' : status === 404 ? 'missing' : 'broken')
  })
  hls.on(Hls.Events.LEVEL_LOADED, () => wish.onReady?.())
  hls.loadSource(wish.live ? `${wish.url}?wait=next` : wish.url)
  hls.attachMedia(wish.video)
  const pieces = () => (hls.levels[hls.currentLevel >= 0 ? hls.currentLevel : hls.loadLevel]?.details?.fragments ?? [])
    .map(fragment => ({ start: fragment.start, duration: fragment.duration, dateMs: fragment.programDateTime }))
  const renew = (url: string) => { current = url }
  const close = () => {
    wish.video.removeEventListener('timeupdate', keepDistance)
    wish.video.playbackRate = 1
    hls.destroy()
  }
  return { pieces, latency: () => wish.live ? hls.latency : null, renew, close }
}

function withBrowser(wish: HlsWish): HlsPlayer {
  const { video } = wish
  const onError = () => { wish.onLost('broken') }
  const onReady = () => wish.onReady?.()
  video.addEventListener('error', onError, { once: true })
  video.addEventListener('loadedmetadata', onReady)
  video.src = wish.live ? `${wish.url}?wait=lifted` : wish.url
  if (wish.startAt) video.currentTime = wish.startAt
  const close = () => {
    video.removeEventListener('error', onError)
    video.removeEventListener('loadedmetadata', onReady)
    video.removeAttribute('src')
    video.load()
  }
  return { pieces: () => nativePieces(video), latency: () => null, renew: () => undefined, close }
}

/** Safari tells the date of the playlist's start; one piece as long as the video is what it knows. */
function nativePieces(video: HTMLVideoElement & { getStartDate?: () => Date }): Piece[] {
  const startMs = video.getStartDate?.().getTime() ?? Number.NaN
  const dateMs = Number.isNaN(startMs) ? null : startMs
  return [{ start: 0, duration: Number.isFinite(video.duration) ? video.duration : 0, dateMs }]
}
