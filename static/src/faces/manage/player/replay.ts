/** Two playlists played as one: the camera leads, the screen follows by PROGRAM-DATE-TIME. */
import { computed, onMounted, onUnmounted, ref } from 'vue'
import { play, type HlsPlayer } from '@/protocol/hls'
import { shownAt, type Material, type Turn } from '@/protocol/materials'
import type { Playlists } from '@/protocol/model'
import { chapterPosition, correction, dateAt, positionOf, type Piece } from '@/protocol/timeline'

/** A player does not come to stand exactly where it is told to. */
const LEEWAY_S = 0.8
/** Longer than this between two looks is a jump. */
const STRIDE_S = 3
const FOLLOW_MS = 250
const RENEW_RETRY_S = 20

export interface Wish {
  playlists: Playlists
  renew: () => Promise<Playlists>
  turns: readonly Turn[]
  papers: readonly Material[]
  startAt: number
  /** No seek goes beyond it, or beyond what was played here; null: anywhere. */
  most: number | null
  /** Moments at which it stops by itself. */
  stops: readonly { id: string, date: string }[]
  /** Whether anything has its place on the time line. */
  placed: boolean
}

export interface Films { camera: () => HTMLVideoElement | null, screen: () => HTMLVideoElement | null }

/** `moved`: where it stands and whether it plays from here on, at each play, pause and seek. `held`: it was to go beyond `most`. */
export interface Says { moved: (position: number, playing: boolean, rate: number) => void, held: () => void, stop: (id: string) => void }

export function useReplay(wish: Readonly<Wish>, films: Films, says: Says) {
  const playing = ref(false)
  const position = ref(0)
  const total = ref((wish.playlists.duration_ms ?? 0) / 1000)
  const speed = ref(1)
  const muted = ref(false)
  const screenThere = ref(false)
  const failed = ref(false)
  const dragging = ref(false)
  const pieces = ref<readonly Piece[]>([])
  /** The page that was on stage at the moment being watched; it goes before a shared screen. */
  const slide = ref<{ material: Material, page: number } | null>(null)
  const second = computed(() => screenThere.value || slide.value !== null)
  /** As far as was played here; with `most` no seek goes beyond the two. */
  const front = ref(0)
  /** Where it stood at the last look. */
  let before = 0
  let leader: HlsPlayer | null = null
  let follower: HlsPlayer | null = null
  let timer: ReturnType<typeof setInterval> | null = null
  let renewing: ReturnType<typeof setTimeout> | null = null
  let renewals = 0
  let closed = false

  async function load(from: Playlists, startAt: number, thenPlay: boolean): Promise<void> {
    close()
    failed.value = false
    const [camera, screen] = [films.camera(), films.screen()]
    if (!camera) return
    leader = await play({ video: camera, url: from.camera, live: false, startAt, onLost: (code) => { void lost(code) } })
    if (from.screen && screen) {
      follower = await play({ video: screen, url: from.screen, live: false, startAt: 0, onLost: () => { screenThere.value = false } })
    }
    if (closed) { close(); return }
    renewAfter(from.renew_after_s)
    camera.playbackRate = speed.value
    if (thenPlay) await camera.play().catch(() => undefined)
  }

  /** The addresses are short-lived: both players go over to the next ones while they play. */
  function renewAfter(seconds: number | undefined): void {
    if (renewing) clearTimeout(renewing)
    if (seconds) renewing = setTimeout(() => { void renewInTime() }, seconds * 1000)
  }

  /** Without an answer it is tried again soon; meanwhile and afterwards `lost` does what there is to do. */
  async function renewInTime(): Promise<void> {
    const next = await wish.renew().catch(() => null)
    if (closed) return
    for (const player of [leader, follower]) if (next) player?.renew(next.camera)
    if (next) renewals = 0
    renewAfter(next ? next.renew_after_s : RENEW_RETRY_S)
  }

  /** A grant that ran out is renewed where the person is; anything else is said, with a way to try again. */
  async function lost(code: string): Promise<void> {
    if (code !== 'expired' || renewals >= 3) { failed.value = true; return }
    await again()
  }

  async function again(): Promise<void> {
    renewals += 1
    try {
      await load(await wish.renew(), position.value, playing.value)
    } catch {
      failed.value = true
    }
  }

  function follow(): void {
    const lead = films.camera()
    if (!lead || !leader) return
    keepWithin(lead)
    stopThere(lead)
    if (!dragging.value) position.value = lead.currentTime
    playing.value = !lead.paused && !lead.ended
    if (Number.isFinite(lead.duration) && lead.duration > 0) total.value = lead.duration
    if (wish.placed && leader.pieces().length !== pieces.value.length) pieces.value = leader.pieces()
    const date = dateAt(leader.pieces(), lead.currentTime)
    turnTo(date === null || !wish.turns.length ? null : shownAt(wish.turns, date))
    const screen = films.screen()
    if (screen && follower) keepInStep(screen, date === null ? null : positionOf(follower.pieces(), date))
  }

  function turnTo(shown: { material_id: string, page: number } | null): void {
    if (shown?.material_id === slide.value?.material.id && shown?.page === slide.value?.page) return
    const material = wish.papers.find(one => one.id === shown?.material_id && one.base)
    slide.value = shown && material ? { material, page: shown.page } : null
  }

  /** `wanted`: where the screen should be; null: nothing was shared then. */
  function keepInStep(video: HTMLVideoElement, wanted: number | null): void {
    screenThere.value = wanted !== null
    if (wanted === null) { video.pause(); return }
    const step = correction(wanted, video.currentTime, speed.value)
    if (step.kind === 'seek') video.currentTime = step.position
    video.playbackRate = step.kind === 'rate' ? step.rate : speed.value
    if (playing.value && video.paused) video.play().catch(() => undefined)
    if (!playing.value && !video.paused) video.pause()
  }

  /** It stops by itself where a moment of `stops` is played over. */
  function stopThere(lead: HTMLVideoElement): void {
    const due = wish.stops.find(({ date }) => {
      const at = chapterPosition(pieces.value, Date.parse(date))
      return at !== null && before < at && at <= lead.currentTime && lead.currentTime < before + STRIDE_S
    })
    before = lead.currentTime
    if (!due || lead.paused) return
    lead.pause()
    says.stop(due.id)
  }

  /** Also of jumps that the browser makes by itself, by the keys of a headset or in a picture of its own. */
  function keepWithin(lead: HTMLVideoElement): void {
    const at = lead.currentTime
    if (!lead.paused && !lead.seeking && at > front.value && at - front.value < 2 * FOLLOW_MS / 1000 * Math.max(1, lead.playbackRate) + LEEWAY_S) front.value = at
    if (wish.most === null || at <= limit() + 2 * LEEWAY_S) return
    lead.currentTime = limit()
    says.held()
  }
  const limit = () => Math.max(front.value, wish.most ?? 0)
  /** No picture of what is behind it is shown either; null: of everything. */
  const within = computed(() => wish.most === null ? null : limit())

  function tell(): void {
    const lead = films.camera()
    if (lead && leader) says.moved(lead.currentTime, !lead.paused && !lead.ended && !lead.seeking, lead.playbackRate)
  }

  function toggle(): void {
    const lead = films.camera()
    if (lead?.paused) lead.play().catch(() => undefined)
    else lead?.pause()
  }

  function seek(to: number): void {
    const lead = films.camera()
    if (!lead) return
    if (wish.most !== null && to > limit() + LEEWAY_S) {
      to = Math.max(limit(), lead.currentTime)
      says.held()
    }
    says.moved(lead.currentTime, false, lead.playbackRate)
    lead.currentTime = Math.min(Math.max(0, to), Math.max(0, total.value - 0.1))
    position.value = lead.currentTime
  }

  function setSpeed(to: number): void {
    speed.value = to
    const lead = films.camera()
    if (lead) lead.playbackRate = to
    tell()
  }

  function setMuted(to: boolean): void {
    muted.value = to
    const lead = films.camera()
    if (lead) lead.muted = to
  }

  function close(): void {
    leader?.close()
    follower?.close()
    leader = null
    follower = null
  }

  onMounted(() => {
    timer = setInterval(follow, FOLLOW_MS)
    front.value = wish.startAt
    before = wish.startAt - 1
    void load(wish.playlists, wish.startAt, false)
  })
  onUnmounted(() => {
    closed = true
    if (timer) clearInterval(timer)
    if (renewing) clearTimeout(renewing)
    close()
  })

  return { playing, position, total, speed, muted, failed, dragging, pieces, slide, screenThere, second, within, again, tell, toggle, seek, setSpeed, setMuted }
}
