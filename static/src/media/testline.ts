/** A test picture to the server, as a venue would publish it, into a room that nobody watches. */

import { codecOrder, type VideoCodec } from '@/protocol/sdp'

const CONNECT_MS = 10_000
const SEND_MS = 4_000
const BITRATE_BPS = 1_800_000

const pause = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms) })

/** Sends for a few seconds; what came is the server's to say, also when nothing did. Throws its refusal of the offer. */
export async function sendTestPicture<T>(
  tracks: readonly MediaStreamTrack[], codec: VideoCodec, negotiate: (offer: string) => Promise<string>, result: () => Promise<T>,
): Promise<T> {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  const copies = tracks.map(track => track.clone())
  try {
    for (const copy of copies) {
      copy.enabled = true
      const transceiver = pc.addTransceiver(copy, { direction: 'sendonly', ...(copy.kind === 'video' ? { sendEncodings: [{ maxBitrate: BITRATE_BPS }] } : {}) })
      const capabilities = copy.kind === 'video' ? RTCRtpSender.getCapabilities('video') : null
      if (capabilities && 'setCodecPreferences' in transceiver) transceiver.setCodecPreferences(codecOrder(capabilities.codecs, codec))
    }
    await pc.setLocalDescription()
    await pc.setRemoteDescription({ type: 'answer', sdp: await negotiate(pc.localDescription?.sdp ?? '') })
    await connected(pc)
    await pause(SEND_MS)
    return await result()
  } finally {
    pc.close()
    for (const copy of copies) copy.stop()
  }
}

function connected(pc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CONNECT_MS)
    pc.addEventListener('connectionstatechange', () => {
      if (pc.connectionState !== 'connected' && pc.connectionState !== 'failed') return
      clearTimeout(timer)
      resolve()
    })
  })
}
