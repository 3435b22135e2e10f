/** How good a connection is, in one of four words, from two readings of getStats. No I/O here. */

export type Signal = 'none' | 'poor' | 'fair' | 'good'

export interface Reading {
  atMs: number
  packets: number
  lost: number
  bytes: number
  frames: number
  rttMs: number | null
}

export interface Quality { signal: Signal, loss: number, bitrateBps: number, framesPerSecond: number, rttMs: number | null }

/** Loss decides first: sound breaks from about 5 %, pictures from about 2 %. */
export function qualityBetween(before: Reading, after: Reading): Quality {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1000)
  const packets = Math.max(0, after.packets - before.packets)
  const lost = Math.max(0, after.lost - before.lost)
  const loss = packets + lost === 0 ? 0 : lost / (packets + lost)
  const bitrateBps = Math.max(0, after.bytes - before.bytes) * 8 / seconds
  const framesPerSecond = Math.max(0, after.frames - before.frames) / seconds
  return { signal: word(packets, loss, after.rttMs), loss, bitrateBps, framesPerSecond, rttMs: after.rttMs }
}

function word(packets: number, loss: number, rttMs: number | null): Signal {
  if (packets === 0) return 'none'
  if (loss > 0.05 || (rttMs ?? 0) > 800) return 'poor'
  return loss > 0.015 || (rttMs ?? 0) > 300 ? 'fair' : 'good'
}

/** Sums a connection's receiving (or sending) streams. `direction` names the getStats type that counts. */
export function readingOf(
  stats: Iterable<Record<string, unknown>>, direction: 'inbound-rtp' | 'outbound-rtp', atMs: number,
): Reading {
  const reading: Reading = { atMs, packets: 0, lost: 0, bytes: 0, frames: 0, rttMs: null }
  const inbound = direction === 'inbound-rtp'
  for (const entry of stats) {
    if (entry.type === direction) {
      reading.packets += number(entry[inbound ? 'packetsReceived' : 'packetsSent'])
      reading.bytes += number(entry[inbound ? 'bytesReceived' : 'bytesSent'])
      reading.frames += number(entry[inbound ? 'framesDecoded' : 'framesEncoded'])
      if (inbound) reading.lost += number(entry.packetsLost)
    } else if (entry.type === 'remote-inbound-rtp' && !inbound) {
      reading.lost += number(entry.packetsLost)
    } else if (entry.type === 'candidate-pair' && entry.nominated === true && typeof entry.currentRoundTripTime === 'number') {
      reading.rttMs = entry.currentRoundTripTime * 1000
    }
  }
  return reading
}

const number = (value: unknown): number => typeof value === 'number' ? value : 0

/** A venue on the wall: what the server measured of its uplink. */
export function uplinkSignal(source: { connected: boolean, bitrate_bps: number, loss: number }): Signal {
  if (!source.connected) return 'none'
  if (source.loss > 0.05 || source.bitrate_bps < 20_000) return 'poor'
  return source.loss > 0.015 || source.bitrate_bps < 120_000 ? 'fair' : 'good'
}
