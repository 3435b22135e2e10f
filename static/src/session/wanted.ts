/** Who publishes here hears which of its simulcast layers anybody has use for. */

import { onUnmounted } from 'vue'
import type { Publication } from '@/media/publication'
import type { LessonLogEvent } from '@/protocol/model'
import { LAYERS, useLesson } from './lesson'

/** What an event of that kind says; null when it is another, or says something else. */
export function layersOf(event: LessonLogEvent): { source: string, rids: string[] } | null {
  const { source, rids } = event.data
  if (event.kind !== LAYERS || typeof source !== 'string' || !Array.isArray(rids)) return null
  return { source, rids: rids.filter(rid => typeof rid === 'string') }
}

/** Call in a face's setup. */
export function useWantedLayers(publications: () => (Publication | null)[]): void {
  onUnmounted(useLesson().follow((event) => {
    const told = layersOf(event)
    if (!told) return
    for (const one of publications()) if (one?.source === told.source) one.wanted(told.rids)
  }))
}
