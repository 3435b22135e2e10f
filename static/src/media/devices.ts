/** Cameras, microphones and the shared screen of this machine. */

import { onScopeDispose, ref, shallowRef } from 'vue'
import { kept } from '@/session/kept'

export type DeviceTrouble = 'insecure' | 'denied' | 'missing' | 'busy' | 'failed' | 'unplugged'
export type DeviceKind = 'camera' | 'microphone'

export function troubleOf(error: unknown): DeviceTrouble {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'failed'
}

const CAMERA: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } }
/** A lecture hall's own desk does this better than the browser when there is one; for a laptop the defaults are right. */
const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }

export function useDevices() {
  const chosen = { camera: kept('camera', ''), microphone: kept('microphone', '') }
  const lists = { camera: shallowRef<MediaDeviceInfo[]>([]), microphone: shallowRef<MediaDeviceInfo[]>([]) }
  const tracks = { camera: shallowRef<MediaStreamTrack | null>(null), microphone: shallowRef<MediaStreamTrack | null>(null) }
  const troubles = { camera: ref<DeviceTrouble | null>(null), microphone: ref<DeviceTrouble | null>(null) }
  const asked = ref(false)
  let disposed = false

  /** Opens both, each for itself: a missing camera must not cost the sound. */
  async function open(): Promise<void> {
    asked.value = true
    await Promise.all([openOne('camera'), openOne('microphone')])
  }

  async function openOne(kind: DeviceKind): Promise<void> {
    if (!('mediaDevices' in navigator)) { troubles[kind].value = 'insecure'; return }
    close(kind)
    try {
      adopt(kind, await acquire(kind, chosen[kind].value))
      troubles[kind].value = null
    } catch (error) {
      troubles[kind].value = troubleOf(error)
    }
    await list()
  }

  async function acquire(kind: DeviceKind, id: string): Promise<MediaStreamTrack> {
    const base = kind === 'camera' ? CAMERA : MICROPHONE
    const wish = (constraints: MediaTrackConstraints): MediaStreamConstraints =>
      kind === 'camera' ? { video: constraints } : { audio: constraints }
    try {
      return trackOf(await navigator.mediaDevices.getUserMedia(wish(id ? { ...base, deviceId: { exact: id } } : base)))
    } catch (error) {
      if (!id || troubleOf(error) !== 'missing') throw error
      return trackOf(await navigator.mediaDevices.getUserMedia(wish(base))) // the remembered device is gone
    }
  }

  function adopt(kind: DeviceKind, track: MediaStreamTrack): void {
    if (disposed) { track.stop(); return }
    tracks[kind].value = track
    track.addEventListener('ended', () => {
      if (tracks[kind].value !== track) return
      tracks[kind].value = null
      troubles[kind].value = 'unplugged'
    })
  }

  function close(kind: DeviceKind): void {
    const track = tracks[kind].value
    tracks[kind].value = null
    track?.stop()
  }

  async function list(): Promise<void> {
    if (!('mediaDevices' in navigator)) return
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => [])
    lists.camera.value = all.filter(device => device.kind === 'videoinput' && device.deviceId !== '')
    lists.microphone.value = all.filter(device => device.kind === 'audioinput' && device.deviceId !== '')
  }

  async function choose(kind: DeviceKind, id: string): Promise<void> {
    chosen[kind].value = id
    await openOne(kind)
  }

  /** What was plugged in again is taken up again. */
  const onChange = () => {
    void list()
    for (const kind of ['camera', 'microphone'] as const) {
      if (asked.value && !tracks[kind].value && troubles[kind].value !== 'denied') void openOne(kind)
    }
  }
  if ('mediaDevices' in navigator) navigator.mediaDevices.addEventListener('devicechange', onChange)

  onScopeDispose(() => {
    disposed = true
    if ('mediaDevices' in navigator) navigator.mediaDevices.removeEventListener('devicechange', onChange)
    close('camera')
    close('microphone')
  })

  return { chosen, lists, tracks, troubles, asked, open, openOne, choose }
}

function trackOf(stream: MediaStream): MediaStreamTrack {
  const track = stream.getTracks()[0]
  if (!track) throw new DOMException('', 'NotFoundError')
  return track
}

/** The screen as the person chose it; null when the chooser was closed without a choice. */
export async function shareScreen(): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 15 }, width: { max: 1920 }, height: { max: 1080 } }, audio: false,
    })
    return trackOf(stream)
  } catch (error) {
    if (troubleOf(error) === 'denied') return null
    throw error
  }
}
