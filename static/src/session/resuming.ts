/** What this tab was doing in a lesson: kept through a reload or a crash, gone with the tab or when the page is left. */

const PREFIX = 'dangxiao.doing.'

/** `doing` must survive JSON. A full or forbidden storage costs the memory, nothing else. */
export function remember(face: string, lessonId: string, doing: object | null): void {
  try {
    const key = `${PREFIX}${face}.${lessonId}`
    if (doing === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(doing))
  } catch { /* private mode */ }
}

/** null: a tab that was just opened. */
export function remembered<T extends object>(face: string, lessonId: string): Partial<T> | null {
  try {
    const text = sessionStorage.getItem(`${PREFIX}${face}.${lessonId}`)
    const found = text === null ? null : JSON.parse(text) as unknown
    return typeof found === 'object' ? found as Partial<T> | null : null
  } catch {
    return null
  }
}
