/** Emergency cuts of a lesson, out of its log. No I/O. */

import type { LessonLogEvent } from './model'

/** When the programme was cut, and until when; null: until the lesson's end. Its events in order. */
export interface CutStretch { since: string, until: string | null }

export function cutsOf(log: readonly LessonLogEvent[]): CutStretch[] {
  const cuts: CutStretch[] = []
  for (const { kind, at, data } of log) {
    const last = cuts.at(-1)
    if (kind === 'cut.begun') cuts.push({ since: typeof data.since === 'string' ? data.since : at, until: null })
    else if (kind === 'cut.ended' && last && last.until === null) last.until = at
  }
  return cuts
}
