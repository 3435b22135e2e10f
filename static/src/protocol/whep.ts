/** Watching: one WHEP session. Transceivers are offered video first, then audio, in slot order. */

import { hangUp, negotiate, reportStates, restart } from './exchange'
import type { Connection, Report } from './keeper'
import type { Ticket } from './model'
import { fetchHeard } from './reach'
import { codecOrder, hasCodec, type VideoCodec } from './sdp'
import { lookAt, readView, resizeView, sized, type ViewState } from './view'

export interface WhepWish {
  video: number
  audio: number
  codec: VideoCodec
  newTicket: (signal: AbortSignal) => Promise<Ticket>
  /** Lines that the pictures fill; null: as large as there is, of single sources the smallest. */
  height?: number | null
  /** `index` counts within the kind: the n-th video track fills the n-th video slot of the view. */
  onTrack: (kind: 'video' | 'audio', index: number, track: MediaStreamTrack) => void
}

export interface WhepSession extends Connection {
  pc: RTCPeerConnection
  view: () => Promise<ViewState | null>
  resize: (height: number | null) => Promise<ViewState | null>
  lookAt: (sources: readonly string[]) => Promise<ViewState | null>
}

/** This browser can decode the lesson's codec over WebRTC; if not, HLS is the way. */
export function canWatch(codec: VideoCodec): boolean {
  if (typeof RTCPeerConnection === 'undefined') return false
  const capabilities = typeof RTCRtpReceiver === 'undefined' ? null : RTCRtpReceiver.getCapabilities('video')
  return capabilities ? hasCodec(capabilities.codecs, codec) : true
}

/** A clip is H264 whatever the lesson's codec is: who can't decode that over WebRTC hears it, and sees nothing. */
export const onlyHeard = (clip: boolean, hls: boolean, decodes = canWatch('H264')): boolean => clip && !hls && !decodes

export async function watch(wish: WhepWish, report: Report, signal: AbortSignal): Promise<WhepSession> {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  let resource: string | null = null
  const close = () => {
    hangUp(pc, resource, fetchHeard)
    resource = null
  }
  try {
    addReceivers(pc, wish)
    reportStates(pc, report)
    const newTicket = async () => sized(await wish.newTicket(signal), wish.height ?? null)
    const result = await negotiate(pc, newTicket, fetchHeard, signal)
    resource = result.resource
    return {
      pc,
      close,
      restart: async signal => await restart(pc, result, fetchHeard, signal),
      view: async () => await readView(result.resource, fetchHeard),
      resize: async height => await resizeView(result.resource, height, fetchHeard),
      lookAt: async sources => await lookAt(result.resource, sources, fetchHeard),
    }
  } catch (error) {
    close()
    throw error
  }
}

function addReceivers(pc: RTCPeerConnection, wish: WhepWish): void {
  const capabilities = RTCRtpReceiver.getCapabilities('video')
  const place = new Map<RTCRtpTransceiver, ['video' | 'audio', number]>()
  for (let index = 0; index < wish.video; index += 1) {
    const transceiver = pc.addTransceiver('video', { direction: 'recvonly' })
    place.set(transceiver, ['video', index])
    if (capabilities && 'setCodecPreferences' in transceiver) {
      transceiver.setCodecPreferences(codecOrder(capabilities.codecs, wish.codec))
    }
  }
  for (let index = 0; index < wish.audio; index += 1) {
    place.set(pc.addTransceiver('audio', { direction: 'recvonly' }), ['audio', index])
  }
  pc.addEventListener('track', (event) => {
    const [kind, index] = place.get(event.transceiver) ?? []
    if (kind !== undefined && index !== undefined) wish.onTrack(kind, index, event.track)
  })
}
