/** Whose talkback it is: an account may have two consoles open, and only the one that began it speaks, or ends it. */

const KEY = 'dangxiao.talking'

/** To which venue this tab began to talk; known through a reload, which must end it and not open a microphone. */
export const begunHere = {
  venue: (): string | null => attempt(() => sessionStorage.getItem(KEY)),
  note: (venueId: string): void => { attempt(() => { sessionStorage.setItem(KEY, venueId) }) },
  forget: (): void => { attempt(() => { sessionStorage.removeItem(KEY) }) },
}

function attempt<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}

/** What to do when the account's talkback has changed. `venueId`: to whom it is, null: there is none any more. */
export function afterChange(venueId: string | null, wanted: boolean, begun: string | null): 'over' | 'speak' | 'end' | 'leave' {
  if (venueId === null) return 'over'
  if (wanted) return 'speak'
  return begun === venueId ? 'end' : 'leave'
}
