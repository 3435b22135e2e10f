/** How a recording's two pictures stand to each other; the choice stays with the device. No I/O. */

export const LAYOUTS = ['side', 'corner', 'screen', 'audio'] as const
export type Layout = typeof LAYOUTS[number]

/** What is offered: with one picture only there is nothing to arrange, but listening. */
export const layoutsOf = (two: boolean): readonly Layout[] => two ? LAYOUTS : ['side', 'audio']

/** What was kept may be of another version, and what was chosen may not fit this recording. */
export function layoutFor(kept: unknown, two: boolean): Layout {
  return layoutsOf(two).find(one => one === kept) ?? 'side'
}

/** What is to be seen: `second` is whether a screen or a page is there at this moment. Without it the camera has it all. */
export function seenIn(layout: Layout, second: boolean): 'both' | 'corner' | 'second' | 'camera' | 'nothing' {
  if (layout === 'audio') return 'nothing'
  if (!second) return 'camera'
  return layout === 'side' ? 'both' : layout === 'corner' ? 'corner' : 'second'
}
