import { describe, expect, test } from 'vitest'
import { agreedVideo, codecOrder, hasCodec, iceServersOf, mediaLines, withSoundRepair, type Codec } from '@/protocol/sdp'

const video = (name: string, sdpFmtpLine?: string): Codec => ({ mimeType: `video/${name}`, clockRate: 90_000, ...(sdpFmtpLine ? { sdpFmtpLine } : {}) })
const CHROMIUM: Codec[] = [
  video('VP8'), video('rtx'),
  video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f'),
  video('H264', 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f'),
  video('H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
  video('AV1'), video('VP9', 'profile-id=0'), video('red'), video('ulpfec'),
]
const names = (codecs: Codec[]) => codecs.map(codec => codec.mimeType.slice(6))

describe('the order of codecs', () => {
  test('H264 baseline with packetization-mode 1 comes first, VP8 after all H264', () => {
    const ordered = codecOrder(CHROMIUM, 'H264')
    expect(ordered[0]?.sdpFmtpLine).toContain('packetization-mode=1;profile-level-id=42e01f')
    expect(names(ordered)).toEqual(['H264', 'H264', 'H264', 'VP8', 'rtx', 'red', 'ulpfec'])
  })

  test('codecs that the server never forwards are left out, repair stays', () => {
    expect(names(codecOrder(CHROMIUM, 'VP8'))).toEqual(['VP8', 'H264', 'H264', 'H264', 'rtx', 'red', 'ulpfec'])
  })

  test('a browser without H264 is known before it is asked to send', () => {
    const firefox = [video('VP8'), video('VP9'), video('AV1'), video('rtx')]
    expect(hasCodec(firefox, 'H264')).toBe(false)
    expect(hasCodec(CHROMIUM, 'H264')).toBe(true)
  })
})

describe('ICE servers in Link headers (RFC 9725, 4.6)', () => {
  test('credentials, commas inside quotes and several servers', () => {
    const link = '<stun:stun.example.org:3478>; rel="ice-server", <turn:turn.example.org:3478?transport=udp>; rel="ice-server"; '
      + 'username="a,b;c"; credential="se\\"cret"; credential-type="password"'
    expect(iceServersOf(link)).toEqual([
      { urls: 'stun:stun.example.org:3478' },
      { urls: 'turn:turn.example.org:3478?transport=udp', username: 'a,b;c', credential: 'se"cret' },
    ])
  })

  test('other relations and nothing at all give nothing', () => {
    expect(iceServersOf('<https://example.org/x>; rel="urn:ietf:params:whip:ext:core:layer"')).toEqual([])
    expect(iceServersOf(null)).toEqual([])
    expect(iceServersOf('not a link')).toEqual([])
  })
})

describe('what an answer agreed to', () => {
  const answer = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 't=0 0',
    'm=video 9 UDP/TLS/RTP/SAVPF 102 103', 'a=rtpmap:102 H264/90000', 'a=rtpmap:103 rtx/90000',
    'm=video 0 UDP/TLS/RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', ''].join('\r\n')

  test('each line with its kind, whether it was accepted, and its codecs', () => {
    expect(mediaLines(answer)).toEqual([
      { kind: 'video', accepted: true, codecs: ['H264', 'RTX'] },
      { kind: 'video', accepted: false, codecs: ['VP8'] },
      { kind: 'audio', accepted: true, codecs: ['OPUS'] },
    ])
    expect(agreedVideo(answer)).toBe('H264')
  })

  test('a refused picture is sound only', () => {
    expect(agreedVideo(answer.replace('m=video 9', 'm=video 0'))).toBeNull()
  })
})

describe('sound that may be asked for again', () => {
  const offer = [
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9', 'a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc', 'a=rtpmap:63 red/48000/2',
    'a=rtpmap:9 G722/8000', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', '',
  ].join('\r\n')

  test('is offered for Opus on every line, and for nothing else', () => {
    const lines = withSoundRepair(offer).split('\r\n')
    expect(lines.filter(line => line === 'a=rtcp-fb:111 nack')).toHaveLength(2)
    expect(lines.filter(line => line.endsWith(' nack'))).toHaveLength(2)
    expect(lines[2]).toBe('a=rtcp-fb:111 nack')
    expect(lines.filter(line => !line.endsWith(' nack')).join('\r\n')).toBe(offer)
  })

  test('is not offered twice', () => {
    expect(withSoundRepair(withSoundRepair(offer))).toBe(withSoundRepair(offer))
  })
})
