/** When somebody last touched the page, in any of its tabs. */

import { monotonicMs, wallMs } from '@/clock'

/** A page untouched for longer asks by itself. */
export const QUIET_MS = 60_000
/** Told this long before a login ends. */
export const WARN_S = 120
const KEY = 'attention'
const EVENTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const
const WRITE_EVERY_MS = 5_000

export interface Attention { attended: () => boolean, stop: () => void }

export function watchAttention(): Attention {
  let touchedMs = monotonicMs()
  let writtenMs = 0
  const touched = () => {
    touchedMs = monotonicMs()
    if (touchedMs - writtenMs < WRITE_EVERY_MS) return
    writtenMs = touchedMs
    try { localStorage.setItem(KEY, String(wallMs())) } catch { /* a private window: this tab alone then */ }
  }
  const elsewhere = (event: StorageEvent) => { if (event.key === KEY) touchedMs = monotonicMs() }
  for (const name of EVENTS) addEventListener(name, touched, { capture: true, passive: true })
  addEventListener('storage', elsewhere)
  return {
    attended: () => monotonicMs() - touchedMs < QUIET_MS,
    stop: () => {
      for (const name of EVENTS) removeEventListener(name, touched, { capture: true })
      removeEventListener('storage', elsewhere)
    },
  }
}
