/** Choices made in and around session descriptions; no peer connection here. */

export type VideoCodec = 'H264' | 'VP8'

/** The part of RTCRtpCodec that we read. */
export interface Codec { mimeType: string, clockRate: number, sdpFmtpLine?: string, channels?: number }

/** Constrained baseline: what every phone decodes in hardware (RFC 7742, 6.2). */
const BASELINE = /profile-level-id=42e0/i

/**
 * The lesson's codec first, in the form that phones like best (H264 baseline, packetization-mode 1), then the other
 * one, then what repairs them (rtx, red, ulpfec). Codecs that the server never forwards are left out.
 */
export function codecOrder<T extends Codec>(codecs: readonly T[], wanted: VideoCodec): T[] {
  const rank = (codec: T): number => {
    const name = nameOf(codec)
    if (name === 'h264') return (wanted === 'H264' ? 0 : 10) + h264Rank(codec.sdpFmtpLine ?? '')
    if (name === 'vp8') return wanted === 'VP8' ? 0 : 10
    return ['rtx', 'red', 'ulpfec'].includes(name) ? 20 : Number.POSITIVE_INFINITY
  }
  return codecs
    .map((codec, index) => ({ codec, index, rank: rank(codec) }))
    .filter(entry => Number.isFinite(entry.rank))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(entry => entry.codec)
}

function h264Rank(fmtp: string): number {
  return (BASELINE.test(fmtp) ? 0 : 2) + (fmtp.includes('packetization-mode=1') ? 0 : 1)
}

export function hasCodec(codecs: readonly Codec[], wanted: VideoCodec): boolean {
  return codecs.some(codec => nameOf(codec) === wanted.toLowerCase())
}

function nameOf(codec: Codec): string {
  return codec.mimeType.split('/')[1]?.toLowerCase() ?? ''
}

/**
 * An offer as we post it: lost sound may be asked for again (RFC 4585). Browsers can, both ways, but don't offer it;
 * what counts for them is the answer, so that the local description stays the browser's own.
 */
export function withSoundRepair(offer: string): string {
  return offer.replace(/^a=rtpmap:(\d+) opus\/48000\/2\r?\n/gim, (line: string, type: string) =>
    new RegExp(`^a=rtcp-fb:${type} nack\\r?$`, 'm').test(offer) ? line : `${line}a=rtcp-fb:${type} nack\r\n`)
}

export interface IceServer { urls: string, username?: string, credential?: string }

/** The STUN and TURN servers in the Link headers of an answer (RFC 9725, 4.6; RFC 8288). */
export function iceServersOf(link: string | null): IceServer[] {
  if (!link) return []
  return splitOutsideQuotes(link).flatMap((part) => {
    const match = /^\s*<([^>]*)>(.*)$/s.exec(part)
    if (!match?.[1] || !/;\s*rel="?ice-server"?(\s*;|\s*$)/i.test(match[2] ?? '')) return []
    const server: IceServer = { urls: match[1] }
    const username = parameter(match[2] ?? '', 'username')
    const credential = parameter(match[2] ?? '', 'credential')
    if (username !== null) server.username = username
    if (credential !== null) server.credential = credential
    return [server]
  })
}

function parameter(parameters: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(parameters)
  return match ? (match[1] ?? '').replace(/\\(.)/g, '$1') : null
}

function splitOutsideQuotes(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  let inAngle = false
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]
    if (char === '"' && text[index - 1] !== '\\') quoted = !quoted
    else if (!quoted && char === '<') inAngle = true
    else if (!quoted && char === '>') inAngle = false
    else if (!quoted && !inAngle && char === ',') { parts.push(text.slice(start, index)); start = index + 1 }
  }
  return [...parts, text.slice(start)]
}

export interface MediaLine { kind: 'video' | 'audio' | 'application', accepted: boolean, codecs: string[] }

/** What an answer agreed to, line by line: a zero port is a refusal (RFC 3264, 6). */
export function mediaLines(sdp: string): MediaLine[] {
  const sections = sdp.split(/\r?\n(?=m=)/).slice(1)
  return sections.map((section) => {
    const [, kind = 'video', port = '0'] = /^m=(\w+) (\d+)/.exec(section) ?? []
    const codecs = [...section.matchAll(/^a=rtpmap:\d+ ([^/\s]+)\//gm)].map(match => (match[1] ?? '').toUpperCase())
    return { kind: kind as MediaLine['kind'], accepted: port !== '0', codecs }
  })
}

/** The codec of the first accepted video line, among those we know; null: no picture was agreed. */
export function agreedVideo(answer: string): VideoCodec | null {
  const line = mediaLines(answer).find(candidate => candidate.kind === 'video' && candidate.accepted)
  const known = line?.codecs.find(codec => codec === 'H264' || codec === 'VP8')
  return (known as VideoCodec | undefined) ?? null
}

const lines = (text: string): string[] => text.split(/\r?\n/).filter(line => line !== '')
const credential = (line: string): boolean => /^a=ice-(ufrag|pwd):/.test(line)

/** What a restart says of an offer (RFC 8840, 4.4): its new ICE credentials, under the first m-line's mid. */
export function iceFragment(offer: string): string {
  const all = lines(offer)
  const first = (test: (line: string) => boolean) => all.filter(test).slice(0, 1)
  return [
    ...first(line => line.startsWith('a=ice-ufrag:')), ...first(line => line.startsWith('a=ice-pwd:')),
    ...first(line => line.startsWith('m=')), ...first(line => line.startsWith('a=mid:')), '',
  ].join('\r\n')
}

/** The same answer with the credentials and candidates of a fragment. */
export function restartedAnswer(answer: string, fragment: string): string {
  const found = lines(fragment)
  const credentials = found.filter(credential)
  const candidates = found.filter(line => /^a=(candidate:|end-of-candidates)/.test(line))
  const renewed = lines(answer).flatMap((line) => {
    if (line.startsWith('a=ice-ufrag:')) return credentials
    if (line.startsWith('a=end-of-candidates')) return candidates
    return credential(line) || line.startsWith('a=candidate:') ? [] : [line]
  })
  return [...renewed, ''].join('\r\n')
}
