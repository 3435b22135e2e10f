/** Keys of a face that works without a mouse. */

import { onMounted, onUnmounted } from 'vue'

/** A key by its `KeyboardEvent.key`, lower case; what it does is done instead of the browser's own meaning. */
export type Keys = Record<string, (() => void) | undefined>

/** Typing in a field, combinations, a key that is held down, and a question over the page are left alone. `keys` is asked at each press. */
export function useKeys(keys: (event: KeyboardEvent) => Keys): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return
    const act = keys(event)[event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }
  onMounted(() => { globalThis.addEventListener('keydown', onKey) })
  onUnmounted(() => { globalThis.removeEventListener('keydown', onKey) })
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
    || (target instanceof HTMLInputElement && target.type !== 'range')
}
