/** What the log asks a person to look at (`sign_in.flagged`), newest first. No I/O. */

import type { LessonLogEvent } from '@/protocol/model'

const KNOWN = ['device_taken', 'proof_used', 'shared_device'] as const
export type FlagReason = typeof KNOWN[number] | 'other'
export interface Flag { seq: number, at: string, reason: FlagReason, name: string, venue: string }

export function flagsOf(log: readonly LessonLogEvent[], seen: readonly number[]): Flag[] {
  const asked = log.filter(event => event.kind === 'sign_in.flagged' && !seen.includes(event.seq))
  return asked.map(flagOf).sort((a, b) => b.seq - a.seq)
}

function flagOf({ seq, at, data }: LessonLogEvent): Flag {
  return { seq, at, reason: KNOWN.find(one => one === data.reason) ?? 'other', name: text(data.member_name), venue: text(data.venue) }
}

const text = (value: unknown) => typeof value === 'string' ? value : ''
