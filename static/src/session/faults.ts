/** What is wrong with a source, as the director should read it: the gravest first. No I/O. */

import { isScreen } from '@/protocol/source'
import type { Alarm, StageSource, StageVenue } from '@/protocol/model'
import { uplinkSignal } from '@/protocol/signal'

export type Fault = 'main' | 'screen' | 'offline' | 'noSource' | 'noVideo' | 'noAudio' | 'codec' | 'poor'

/** `empty`: there is no picture to show at all. */
export function faultOf(source: StageSource, venue: StageVenue | null, codec: string): { fault: Fault, empty: boolean } | null {
  if (!source.connected) {
    if (source.source === 'main') return { fault: 'main', empty: true }
    if (isScreen(source.source)) return { fault: 'screen', empty: true }
    return { fault: venue && !venue.online ? 'offline' : 'noSource', empty: true }
  }
  if (!source.has_video) return { fault: 'noVideo', empty: true }
  if (source.video_codec !== null && source.video_codec !== codec) return { fault: 'codec', empty: false }
  if (!source.has_audio && !isScreen(source.source)) return { fault: 'noAudio', empty: false }
  return uplinkSignal(source) === 'poor' ? { fault: 'poor', empty: false } : null
}

const LECTURERS = ['main', 'screen', 'spare', 'spare-screen']

/** The wall's order: the lecturer's machines, then the venues as the lesson lists them. */
export function wallOrder(sources: readonly StageSource[]): StageSource[] {
  const rank = (source: string) => LECTURERS.includes(source) ? LECTURERS.indexOf(source) : LECTURERS.length
  return sources.map((source, index) => ({ source, index }))
    .sort((a, b) => rank(a.source.source) - rank(b.source.source) || a.index - b.index)
    .map(entry => entry.source)
}

/** The alarm of one source that stands on its tile: the oldest that is not told by the tile's own words already. */
export function alarmOf(alarms: readonly Alarm[], source: string): Alarm | null {
  return alarms.find(one => one.source === source && one.code !== 'source_away') ?? null
}

/** What is wrong, without what to do: the sentence up to its first stop. */
export const headOf = (sentence: string) => sentence.split(/[，。:]/, 1)[0] ?? sentence
