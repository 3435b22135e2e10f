/** How a hall shows two pictures: its operator's choice, remembered by that machine. */

import { computed } from 'vue'
import { kept } from './kept'

export const VENUE_LAYOUTS = ['even', 'slides', 'camera'] as const
export type VenueLayout = (typeof VENUE_LAYOUTS)[number]

/** What is not known (another version wrote it) is the first. */
export const layoutOf = (value: unknown): VenueLayout => VENUE_LAYOUTS.find(one => one === value) ?? VENUE_LAYOUTS[0]

export function layoutAfter(now: VenueLayout): VenueLayout {
  return VENUE_LAYOUTS[(VENUE_LAYOUTS.indexOf(now) + 1) % VENUE_LAYOUTS.length] ?? VENUE_LAYOUTS[0]
}

export function useVenueLayout() {
  const memory = kept<unknown>('venue-layout', VENUE_LAYOUTS[0])
  const layout = computed(() => layoutOf(memory.value))
  return { layout, turn: () => { memory.value = layoutAfter(layout.value) } }
}
