/** Who this tab is to the media server: the same through reloads, so that it may replace its own publication. */

import { randomId } from '@/protocol/rest'

const KEY = 'dangxiao.client'

export function clientId(): string {
  try {
    const known = sessionStorage.getItem(KEY)
    if (known) return known
    const id = randomId()
    sessionStorage.setItem(KEY, id)
    return id
  } catch {
    return fallback
  }
}

const fallback = randomId()
