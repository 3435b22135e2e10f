/** Something that is looked at again and again, by the clock and after every act. */

import type { Page } from '@/protocol/model'

/** A list of a room is at most so long: 2,000 people. */
const MAX_PAGES = 10

export interface Looking {
  /** Now, whatever is under way: the newest answer counts. */
  read: () => Promise<void>
  /** By the clock: on a slow line the look that is under way comes to its end first, else none ever would. */
  look: () => void
}

export function looking<T>(ask: () => Promise<T>, take: (seen: T) => void, fail: (error: unknown) => void): Looking {
  let latest = 0
  let going = 0

  async function read(): Promise<void> {
    latest += 1
    going += 1
    const mine = latest
    try {
      const seen = await ask()
      if (mine === latest) take(seen)
    } catch (error) {
      if (mine === latest) fail(error)
    } finally {
      going -= 1
    }
  }

  return { read, look: () => { if (going === 0) void read() } }
}

/** A list to its end: who stands on the last page is looked for as well. */
export async function whole<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const found: Page<T> = await read(cursor)
    items.push(...found.items)
    cursor = found.next_cursor
    if (cursor === null) break
  }
  return items
}
