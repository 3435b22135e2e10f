/** Camera and microphone of a phone for one turn: asked for when the hand goes up, opened when it is taken. */

import { troubleOf, type DeviceTrouble } from './devices'

/** Upright phones send what they see; 540 lines are enough for a face and kind to an uplink. */
const CAMERA: MediaTrackConstraints = { facingMode: 'user', width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 25, max: 30 } }
const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }

export interface TurnTracks { video: MediaStreamTrack | null, audio: MediaStreamTrack | null }

/** Asks once, and lets go at once: nobody listens while somebody waits. null: it may be used. */
export async function askFor(kind: 'camera' | 'microphone'): Promise<DeviceTrouble | null> {
  try {
    stop(await acquire(kind))
    return null
  } catch (error) {
    return trouble(error)
  }
}

/** Throws the trouble of the microphone: without it there is no turn. A camera that fails costs the picture only. */
export async function openTurn(withCamera: boolean): Promise<TurnTracks> {
  const [audio, video] = await Promise.all([acquire('microphone'), withCamera ? acquire('camera').catch(() => null) : null])
  return { audio, video }
}

export function closeTurn(tracks: TurnTracks | null): void {
  stop(tracks?.audio ?? null)
  stop(tracks?.video ?? null)
}

export function trouble(error: unknown): DeviceTrouble {
  return 'mediaDevices' in navigator ? troubleOf(error) : 'insecure'
}

async function acquire(kind: 'camera' | 'microphone'): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia(kind === 'camera' ? { video: CAMERA } : { audio: MICROPHONE })
  const track = stream.getTracks()[0]
  if (!track) throw new DOMException('', 'NotFoundError')
  return track
}

function stop(track: MediaStreamTrack | null): void {
  track?.stop()
}
