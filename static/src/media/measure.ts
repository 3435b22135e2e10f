/** What only the page in a room can see and hear: the picture, the level, the tone. Numbers; the server judges them. */

import type { Value } from '@/protocol/readiness'

export type Values = Record<string, Value>

const LOOKS = 12
const LOOK_EVERY_MS = 180
const [WIDE, HIGH] = [48, 27]
/** No note, and no round number: what beeps in a room by itself is elsewhere. */
const TONE_HZ = 1370
const TONE_MS = 1_500
const [FIRST_SOUND_MS, BACKGROUNDS] = [2_000, 8]
const CLIPPED = 0.985
const pause = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms) })
const db = (value: number) => 20 * Math.log10(Math.max(value, 1e-6))
const round = (value: number, digits = 1) => Number(value.toFixed(digits))

/** The luminance of a picture's points, 0 … 255. */
export function luminance(rgba: Uint8ClampedArray): Float32Array {
  const found = new Float32Array(rgba.length / 4)
  for (let n = 0; n < found.length; n += 1) {
    const at = n * 4
    found[n] = 0.2126 * (rgba[at] ?? 0) + 0.7152 * (rgba[at + 1] ?? 0) + 0.0722 * (rgba[at + 2] ?? 0)
  }
  return found
}

/** A capture card without a signal sends black, one that hangs the very same picture: a real camera has noise at least. */
export function judgePicture(looks: readonly Float32Array[]): { black: boolean, moving: boolean } {
  const brightest = Math.max(...looks.map(look => look.reduce((most, value) => Math.max(most, value), 0)))
  const moving = looks.some((look, n) => n > 0 && look.some((value, at) => Math.abs(value - (looks[n - 1]?.[at] ?? value)) >= 1))
  return { black: brightest < 24, moving }
}

export async function measureCamera(track: MediaStreamTrack | null, trouble: string | null): Promise<Values> {
  if (!track) return { trouble: trouble ?? 'missing' }
  const copy = track.clone()
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = new MediaStream([copy])
  try {
    await Promise.race([video.play(), pause(4_000)])
    const canvas = new OffscreenCanvas(WIDE, HIGH)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const looks: Float32Array[] = []
    const [begun, shownBefore] = [performance.now(), video.getVideoPlaybackQuality().totalVideoFrames]
    for (let n = 0; n < LOOKS && context; n += 1) {
      await pause(LOOK_EVERY_MS)
      context.drawImage(video, 0, 0, WIDE, HIGH)
      looks.push(luminance(context.getImageData(0, 0, WIDE, HIGH).data))
    }
    const seconds = (performance.now() - begun) / 1000
    const fps = (video.getVideoPlaybackQuality().totalVideoFrames - shownBefore) / seconds
    return { device: track.label.slice(0, 200), width: video.videoWidth, height: video.videoHeight, fps: round(fps), ...judgePicture(looks) }
  } finally {
    video.srcObject = null
    copy.stop()
  }
}

/** While somebody speaks: the loudest tenth of a second, and how much was too loud. */
export async function measureMicrophone(track: MediaStreamTrack | null, trouble: string | null, lengthMs: number): Promise<Values> {
  if (!track) return { trouble: trouble ?? 'missing' }
  const heard = await listen(track)
  try {
    let [loudest, clipped, all] = [0, 0, 0]
    const until = performance.now() + lengthMs
    while (performance.now() < until) {
      await pause(100)
      const samples = heard.samples()
      loudest = Math.max(loudest, Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length))
      clipped += samples.reduce((count, value) => count + (Math.abs(value) >= CLIPPED ? 1 : 0), 0)
      all += samples.length
    }
    return { device: track.label.slice(0, 200), level_db: round(db(loudest)), clipped: round(clipped / Math.max(1, all), 4) }
  } finally {
    heard.close()
  }
}

/** Quieter is no sound that a room has: a microphone that has not begun sends digital silence. */
const QUIET_DB = -100
const [NEAR, FAR] = [8, 40]

/** How far a tone stands out where it is, both against the same place in silence and against what is beside it. dB, of an analyser's bins. */
export function standsOut(silence: Float32Array, tone: Float32Array, bin: number): number {
  const peak = (spectrum: Float32Array) => Math.max(...[-1, 0, 1].map(step => spectrum[bin + step] ?? QUIET_DB), QUIET_DB)
  const beside = [...tone.subarray(Math.max(0, bin - FAR), Math.max(0, bin - NEAR)), ...tone.subarray(bin + NEAR, bin + FAR)].sort((a, b) => a - b)
  const usual = Math.max(beside[Math.floor(beside.length / 2)] ?? QUIET_DB, QUIET_DB)
  return Math.max(0, Math.min(peak(tone) - peak(silence), peak(tone) - usual))
}

/** Plays a tone and listens for it by the room's own microphone, without what browsers do against echo: that would take it away. */
export async function measureSpeaker(deviceId: string): Promise<Values> {
  const plain: MediaTrackConstraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: plain }).catch(() => null)
  const track = stream?.getAudioTracks()[0] ?? null
  const heard = track ? await listen(track) : null
  const context = heard?.context ?? new AudioContext()
  try {
    await context.resume()
    const silence = await background(heard)
    const ended = tone(context)
    await pause(TONE_MS * 0.6)
    const sounding = heard?.spectrum()
    await ended
    if (!heard || !silence || !sounding) return { heard_db: 0 }
    return { heard_db: round(standsOut(silence, sounding, Math.round(TONE_HZ / heard.hzPerBin))) }
  } finally {
    heard?.close()
    if (!heard) await context.close()
    track?.stop()
  }
}

/** The loudest that each frequency was without the tone. A microphone needs a moment before it sends anything: without a sound of it nothing is known. */
async function background(heard: Awaited<ReturnType<typeof listen>> | null): Promise<Float32Array | null> {
  for (let waited = 0; heard && waited < FIRST_SOUND_MS; waited += 100) {
    await pause(100)
    if (heard.samples().some(value => value !== 0)) break
  }
  if (!heard?.samples().some(value => value !== 0)) return null
  let loudest: Float32Array | null = null
  for (let n = 0; n < BACKGROUNDS; n += 1) {
    await pause(120)
    const now = heard.spectrum()
    loudest = loudest ? loudest.map((value, at) => Math.max(value, now[at] ?? value)) : now
  }
  return loudest
}

function tone(context: AudioContext): Promise<unknown> {
  const [oscillator, gain, now] = [context.createOscillator(), context.createGain(), context.currentTime]
  const end = now + TONE_MS / 1000
  gain.gain.setValueAtTime(0, now)
  gain.gain.linearRampToValueAtTime(0.25, now + 0.05)
  gain.gain.setValueAtTime(0.25, end - 0.05)
  gain.gain.linearRampToValueAtTime(0, end)
  oscillator.frequency.value = TONE_HZ
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(now)
  oscillator.stop(end)
  return new Promise((resolve) => { oscillator.addEventListener('ended', resolve, { once: true }) })
}

/** A clone is listened to, so that a muted (disabled) track still shows that the microphone works. */
async function listen(track: MediaStreamTrack) {
  const copy = track.clone()
  copy.enabled = true
  const context = new AudioContext()
  await Promise.race([context.resume(), pause(1_000)])
  const analyser = context.createAnalyser()
  analyser.fftSize = 8192
  analyser.smoothingTimeConstant = 0
  context.createMediaStreamSource(new MediaStream([copy])).connect(analyser)
  const samples = (): Float32Array => {
    const found = new Float32Array(4096)
    analyser.getFloatTimeDomainData(found)
    return found
  }
  const spectrum = (): Float32Array => {
    const found = new Float32Array(analyser.frequencyBinCount)
    analyser.getFloatFrequencyData(found)
    return found
  }
  const close = (): void => { copy.stop(); void context.close() }
  return { context, samples, spectrum, close, hzPerBin: context.sampleRate / analyser.fftSize }
}

export async function measureBrowser(h264: boolean): Promise<Values> {
  const asked = async (name: 'camera' | 'microphone') => (await navigator.permissions.query({ name: name as PermissionName }).catch(() => null))?.state ?? 'unknown'
  return { secure: globalThis.isSecureContext && 'mediaDevices' in navigator, h264, camera_permission: await asked('camera'), microphone_permission: await asked('microphone') }
}

/** What the operating system and browser call themselves, shortly. */
export function clientName(agent: string): string {
  const browser = /(Edg)\/(\d+)/.exec(agent) ?? /(Firefox|Chrome|Version)\/(\d+)/.exec(agent)
  const names: Record<string, string> = { Edg: 'Edge', Version: 'Safari' }
  const system = /Windows|Mac OS X|Android|Linux|iPhone|iPad/.exec(agent)?.[0] ?? ''
  return [browser ? `${names[browser[1] ?? ''] ?? browser[1]} ${browser[2]}` : 'browser', system].filter(Boolean).join(' · ')
}

const [SMALL, LARGE] = [256 * 1024, 2 * 1024 * 1024]

/** Random, so that nothing on the way makes it smaller. First a little; a fast line is measured by more. */
export async function sendBytes<T>(send: (bytes: Blob) => Promise<T>, fastMs = 1_500): Promise<T> {
  const begun = performance.now()
  const first = await send(randomBytes(SMALL))
  return performance.now() - begun < fastMs ? await send(randomBytes(LARGE)) : first
}

function randomBytes(length: number): Blob {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)))
  return new Blob([bytes])
}
