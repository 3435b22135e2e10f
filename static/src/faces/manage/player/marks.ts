/** What has its place on a recording's time line: chapters of all kinds, and for staff the cuts. No I/O. */
import type { Chapter, ChapterKind } from '@/protocol/inquiries'
import { chapterPosition, type Piece } from '@/protocol/timeline'

export type MarkKind = ChapterKind | 'cut'
export interface Mark { id: string, at: number, title: string, kind: MarkKind }

/** By the recording's own time, pauses left out; what lies behind its end is none. `named`: for one without a title. */
export function marksOf(
  pieces: readonly Piece[], chapters: readonly Chapter[], cuts: readonly { at: string, title: string }[], named: (chapter: Chapter, n: number) => string,
): Mark[] {
  const dated = [
    ...chapters.map((one, index) => ({ id: one.id, date: one.at, title: one.title || named(one, index + 1), kind: one.kind as MarkKind })),
    ...cuts.map((cut, index) => ({ id: `cut-${index + 1}`, date: cut.at, title: cut.title, kind: 'cut' as MarkKind })),
  ]
  return dated.flatMap(({ date, ...mark }) => {
    const at = chapterPosition(pieces, Date.parse(date))
    return at === null ? [] : [{ ...mark, at }]
  }).sort((a, b) => a.at - b.at)
}

/** The kinds that are there, in the order of a lesson's telling, with how many there are of each. */
export function kindsOf(marks: readonly Mark[]): { kind: MarkKind, count: number }[] {
  return KINDS.map(kind => ({ kind, count: marks.filter(one => one.kind === kind).length })).filter(one => one.count > 0)
}
const KINDS: readonly MarkKind[] = ['mark', 'slides', 'stage', 'quiz', 'inquiry', 'clip', 'cut']

/** The one that holds at a position; null before the first. */
export function markAt(marks: readonly Mark[], position: number): Mark | null {
  return [...marks].reverse().find(one => one.at <= position + 0.05) ?? null
}
