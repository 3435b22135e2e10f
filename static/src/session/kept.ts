/** A choice remembered by this browser. A full or forbidden storage costs the memory, nothing else. */

import { ref, watch, type Ref } from 'vue'

export function kept<T>(name: string, initial: T): Ref<T> {
  const key = `dangxiao.${name}`
  const value = ref(read(key, initial)) as Ref<T>
  watch(value, (now) => {
    try { localStorage.setItem(key, JSON.stringify(now)) } catch { /* private mode */ }
  }, { deep: true })
  return value
}

function read<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(key)
    return text === null ? initial : JSON.parse(text) as T
  } catch {
    return initial
  }
}
