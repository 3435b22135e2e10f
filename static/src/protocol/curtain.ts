/** The curtain over the programme as events tell of it: pages draw it at the event, not after another question. No I/O. */

import type { LessonLogEvent, Stage } from './model'

const text = (value: unknown) => typeof value === 'string' ? value : ''

/** The stage after this event; the same one where the event is about something else, or older than the stage. */
export function curtained(stage: Stage, { kind, seq, data }: LessonLogEvent): Stage {
  if (seq <= stage.seq) return stage
  switch (kind) {
    case 'cut.begun': return { ...stage, seq, cut: { since: text(data.since), by: null, reason: null } }
    case 'cut.ended': return { ...stage, seq, cut: null }
    case 'standby.set': return { ...stage, seq, standby: { since: text(data.since), until: text(data.until) || null, note: text(data.note) } }
    case 'standby.ended': return { ...stage, seq, standby: null }
    default: return stage
  }
}
