/** Publishing: one WHIP session with at most one video and one audio track. */

import { hangUp, negotiate, reportStates, restart } from './exchange'
import type { Connection, Report } from './keeper'
import type { Ticket } from './model'
import { fetchHeard } from './reach'
import { agreedVideo, codecOrder, hasCodec, type VideoCodec } from './sdp'

export interface WhipWish {
  video: MediaStreamTrack | null
  audio: MediaStreamTrack | null
  codec: VideoCodec
  /** A camera offers three layers, a screen one sharp one. */
  content: 'camera' | 'screen'
  newTicket: (signal: AbortSignal) => Promise<Ticket>
}

export interface WhipSession extends Connection {
  pc: RTCPeerConnection
  /** What the server agreed to; null: sound only. */
  codec: VideoCodec | null
  /** Leaves out the simulcast layers that nobody has use for, and sends those again that somebody has. */
  sendLayers: (rids: readonly string[]) => Promise<void>
  /** Another device of the same kind, without renegotiation. */
  replaceTrack: (kind: 'video' | 'audio', track: MediaStreamTrack | null) => Promise<void>
}

/** Layers from small to full (RFC 8853 rids), bits per second for a 720p camera. */
const CAMERA_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000, maxFramerate: 15 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_800_000 },
]
const SCREEN_LAYER: RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000, maxFramerate: 15 }]

/** This browser can encode the codec (Firefox on an intranet cannot encode H264: it lacks the plug-in). */
export function canPublish(codec: VideoCodec): boolean {
  const capabilities = typeof RTCRtpSender === 'undefined' ? null : RTCRtpSender.getCapabilities('video')
  return capabilities ? hasCodec(capabilities.codecs, codec) : false
}

export async function publish(wish: WhipWish, report: Report, signal: AbortSignal): Promise<WhipSession> {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  let resource: string | null = null
  const close = () => {
    hangUp(pc, resource, fetchHeard)
    resource = null
  }
  try {
    const senders = { video: addVideo(pc, wish), audio: addAudio(pc, wish) }
    reportStates(pc, report)
    const result = await negotiate(pc, () => wish.newTicket(signal), fetchHeard, signal)
    resource = result.resource
    await keepResolution(senders.video)
    const replaceTrack = async (kind: 'video' | 'audio', track: MediaStreamTrack | null) =>
      await senders[kind]?.replaceTrack(track)
    return { pc, codec: agreedVideo(result.answer), replaceTrack, sendLayers: async rids => { await sendLayers(senders.video, rids) }, close, restart: async signal => await restart(pc, result, fetchHeard, signal) }
  } catch (error) {
    close()
    throw error
  }
}

function addVideo(pc: RTCPeerConnection, wish: WhipWish): RTCRtpSender | null {
  if (!wish.video) return null
  wish.video.contentHint = wish.content === 'screen' ? 'detail' : 'motion'
  const sendEncodings = wish.content === 'screen' ? SCREEN_LAYER : CAMERA_LAYERS
  const transceiver = pc.addTransceiver(wish.video, { direction: 'sendonly', sendEncodings })
  const capabilities = RTCRtpSender.getCapabilities('video')
  if (capabilities && 'setCodecPreferences' in transceiver) {
    transceiver.setCodecPreferences(codecOrder(capabilities.codecs, wish.codec))
  }
  return transceiver.sender
}

function addAudio(pc: RTCPeerConnection, wish: WhipWish): RTCRtpSender | null {
  if (!wish.audio) return null
  return pc.addTransceiver(wish.audio, { direction: 'sendonly' }).sender
}

/** True when something is another than before. A single encoding has no name and always goes on. */
export function activate(encodings: RTCRtpEncodingParameters[], rids: readonly string[]): boolean {
  let changed = false
  for (const encoding of encodings) {
    if (encoding.rid === undefined) continue
    const active = rids.includes(encoding.rid)
    if ((encoding.active ?? true) !== active) changed = true
    encoding.active = active
  }
  return changed
}

async function sendLayers(sender: RTCRtpSender | null, rids: readonly string[]): Promise<void> {
  if (!sender) return
  const parameters = sender.getParameters()
  if (activate(parameters.encodings, rids)) await sender.setParameters(parameters).catch(() => undefined)
}

/** Chromium otherwise falls from 720p to 360p within seconds; a browser without the setting goes on as it does. */
async function keepResolution(sender: RTCRtpSender | null): Promise<void> {
  if (!sender) return
  const parameters = sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string }
  parameters.degradationPreference = 'maintain-resolution'
  await sender.setParameters(parameters).catch(() => undefined)
}
