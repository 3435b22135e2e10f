/** Inquiries (提问), signals and chapters: their shapes, and how a list of inquiries is kept by events. No I/O. */

import type { LessonLogEvent } from './model'

export type InquiryState = 'waiting' | 'approved' | 'declined' | 'merged' | 'on_stage' | 'answered'
export type InquiryStep = 'approve' | 'decline' | 'merge' | 'stage' | 'unstage' | 'answer' | 'reopen'

export interface Inquiry {
  id: string
  text: string
  state: InquiryState
  asked_at: string
  name: string | null
  unit: string | null
  mine: boolean
  voted: boolean
  votes: number
  position: number | null
  assigned_to: string
  staged_at: string | null
  answered_at: string | null
  answer: string | null
  merged_into: string | null
  /** What in the text stands for a listed word, as it was written; staff's. */
  listed: readonly string[]
}

export interface InquiryDesk { names: boolean, order: 'votes' | 'hand', band: boolean }
export interface InquiryPage { items: Inquiry[], next_cursor: string | null, seq: number, desk: InquiryDesk, waiting: number | null }
export interface InquiryVote { inquiry_id: string, up: boolean, votes: number }

export type Signal = 'clear' | 'unclear' | 'fast'
export const SIGNALS: readonly Signal[] = ['clear', 'unclear', 'fast']
export interface SignalCounts { clear: number, unclear: number, fast: number, hint: boolean }

export type ChapterKind = 'mark' | 'inquiry' | 'clip' | 'slides' | 'stage' | 'quiz'
/** `kept`: it can have another title, and go; the others follow from the lesson's log. */
export interface Chapter { id: string, at: string, title: string, inquiry_id: string | null, kind: ChapterKind, kept: boolean }

/** What is kept: in the order of asking. */
export interface InquirySheet { items: readonly Inquiry[], desk: InquiryDesk }

export const NO_INQUIRIES: InquirySheet = { items: [], desk: { names: true, order: 'votes', band: true } }
export const TEXT_LIMIT = 500

export const isShown = (one: Inquiry) => one.state === 'approved' || one.state === 'on_stage' || one.state === 'answered'
export const canVote = (one: Inquiry) => !one.mine && (one.state === 'approved' || one.state === 'on_stage')

/** The text in pieces, those that were found marked. */
export function pieces(text: string, found: readonly string[]): { text: string, hit: boolean }[] {
  if (!found.length) return [{ text, hit: false }]
  const any = new RegExp(`(${[...found].sort((a, b) => b.length - a.length).map(one => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'u')
  return text.split(any).map((piece, n) => ({ text: piece, hit: n % 2 === 1 })).filter(piece => piece.text !== '')
}

const RANK: Partial<Record<InquiryState, number>> = { on_stage: 0, answered: 2 }

/** On stage first, answered last; in between by votes, or by hand with what has no place yet at the end. */
export function ordered(items: readonly Inquiry[], order: InquiryDesk['order']): Inquiry[] {
  const place = (one: Inquiry) => order === 'hand' ? one.position ?? Number.MAX_SAFE_INTEGER : 0
  return [...items].sort((a, b) => (RANK[a.state] ?? 1) - (RANK[b.state] ?? 1) || place(a) - place(b) || b.votes - a.votes
    || a.asked_at.localeCompare(b.asked_at) || a.id.localeCompare(b.id))
}

/** `staff`: hears of all of them; everybody else of what is shown and of the own ones. */
export function afterEvent(sheet: InquirySheet, event: LessonLogEvent, staff: boolean): InquirySheet {
  if (event.kind === 'inquiry.votes') return withVotes(sheet, event.data.votes as Record<string, number>)
  const data = event.data as { inquiry?: Omit<Inquiry, 'mine' | 'voted'>, inquiry_id?: string, state?: InquiryState, ids?: string[] }
  switch (event.kind) {
    case 'inquiry.asked': return data.inquiry ? put(sheet, { ...data.inquiry, mine: !staff, voted: false }) : sheet
    case 'inquiry.changed': return data.inquiry && staff ? put(sheet, data.inquiry) : sheet
    case 'inquiry.shown': return data.inquiry && !staff ? put(sheet, data.inquiry) : sheet
    case 'inquiry.decided': return each(sheet, one => one.id === data.inquiry_id && data.state ? { ...one, state: data.state } : one)
    case 'inquiry.hidden': return staff ? sheet : { ...sheet, items: sheet.items.filter(one => one.id !== data.inquiry_id || one.mine) }
    case 'inquiry.ordered': return each(sheet, one => ({ ...one, position: placeIn(data.ids ?? [], one.id) }))
    case 'inquiry.desk': return withDesk(sheet, event.data as unknown as InquiryDesk, staff)
    default: return sheet
  }
}

function withDesk(sheet: InquirySheet, desk: InquiryDesk, staff: boolean): InquirySheet {
  const next = { ...sheet, desk: { names: desk.names, order: desk.order, band: desk.band } }
  return desk.names || staff ? next : each(next, one => one.mine ? one : { ...one, name: null, unit: null })
}

/** A new one goes to its place; a known one keeps what only we know of it. */
export function put(sheet: InquirySheet, next: Omit<Inquiry, 'mine' | 'voted'> & Partial<Inquiry>): InquirySheet {
  const before = sheet.items.find(one => one.id === next.id)
  const one: Inquiry = {
    ...next, mine: before?.mine ?? next.mine ?? false, voted: before?.voted ?? next.voted ?? false,
    name: next.name ?? (before?.mine ? before.name : null), unit: next.unit ?? (before?.mine ? before.unit : null),
  }
  if (!before) return { ...sheet, items: [...sheet.items, one].sort((a, b) => a.asked_at.localeCompare(b.asked_at) || a.id.localeCompare(b.id)) }
  const items = sheet.items.map(each => each.id === one.id ? one
    : each.merged_into === one.id && one.merged_into ? { ...each, merged_into: one.merged_into } : each)
  return { ...sheet, items }
}

const withVotes = (sheet: InquirySheet, votes: Readonly<Record<string, number>>) =>
  each(sheet, one => (votes[one.id] ?? one.votes) === one.votes ? one : { ...one, votes: votes[one.id] ?? one.votes })

export function each(sheet: InquirySheet, change: (one: Inquiry) => Inquiry): InquirySheet {
  return { ...sheet, items: sheet.items.map(change) }
}

function placeIn(ids: readonly string[], id: string): number | null {
  const place = ids.indexOf(id)
  return place < 0 ? null : place
}

const BACK: Record<string, InquiryStep[]> = {
  'waiting approved': ['reopen'], 'waiting declined': ['reopen'], 'waiting merged': ['reopen'],
  'approved declined': ['approve'], 'approved merged': ['reopen', 'approve'], 'approved on_stage': ['unstage'], 'approved answered': ['reopen'], 'approved waiting': ['approve'],
  'on_stage answered': ['reopen', 'stage'], 'on_stage approved': ['stage'],
  'declined approved': ['decline'], 'declined waiting': ['decline'], 'answered approved': ['answer'],
}

/** The steps that lead back to where an inquiry was; none: there is no way back. */
export const wayBack = (before: InquiryState, now: InquiryState): readonly InquiryStep[] => BACK[`${before} ${now}`] ?? []
