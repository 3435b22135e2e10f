/** Something that is looked at again and again, by the clock and after every act. */

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
