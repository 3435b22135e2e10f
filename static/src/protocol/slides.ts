/** Slides on stage (docs/protocol.md, section 4): the one thing of them that every face knows. */

/** `reached`: the furthest page that was shown. */
export interface Slides { material_id: string, name: string, page: number, pages: number, reached: number, at: string }

/** An event of the log, as far as it matters here. */
interface Told { kind: string, at: string, data: object }

/** What is on stage after an event. Each says the whole, so a missed one costs nothing. */
export function slidesAfter(now: Slides | null, { kind, at, data }: Told): Slides | null {
  if (kind === 'slides.closed') return null
  const said = data as Slides
  const same = now?.material_id === said.material_id ? now : null
  if (kind === 'slides.turned' && !same) return now
  return { ...same, ...said, reached: Math.max(same?.reached ?? 0, said.page), at } as Slides
}
