/** Reads a connection's statistics every two seconds and turns them into words. */

import { monotonicMs } from '@/clock'
import { qualityBetween, readingOf, type Quality, type Reading } from '@/protocol/signal'

const EVERY_MS = 2_000

/** Returns the way to stop. */
export function observe(
  pc: RTCPeerConnection, direction: 'inbound-rtp' | 'outbound-rtp', onQuality: (quality: Quality) => void,
): () => void {
  let before: Reading | null = null
  const read = async () => {
    if (pc.connectionState === 'closed') return
    const report = await pc.getStats().catch(() => null)
    if (!report) return
    const entries: Record<string, unknown>[] = []
    report.forEach((entry: Record<string, unknown>) => entries.push(entry))
    const after = readingOf(entries, direction, monotonicMs())
    if (before) onQuality(qualityBetween(before, after))
    before = after
  }
  void read()
  const timer = setInterval(() => { void read() }, EVERY_MS)
  return () => { clearInterval(timer) }
}
