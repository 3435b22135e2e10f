/** A list of inquiries kept by events, as each kind of listener hears them. */
import { expect, test } from 'vitest'
import { afterEvent, NO_INQUIRIES, ordered, pieces, put, wayBack, type Inquiry, type InquirySheet, type InquiryState } from '@/protocol/inquiries'
import type { LessonLogEvent } from '@/protocol/model'
import { chapterPosition } from '@/protocol/timeline'

const inquiry = (id: string, more: Partial<Inquiry> = {}): Inquiry => ({
  id, text: `问题 ${id}`, state: 'waiting', asked_at: `2026-11-22T01:00:0${id}Z`, name: '学员甲', unit: '一支部', mine: false, voted: false, votes: 0, position: null,
  assigned_to: '', staged_at: null, answered_at: null, answer: null, merged_into: null, listed: [], ...more,
})
let seq = 0
const event = (kind: string, data: Record<string, unknown>): LessonLogEvent => ({ seq: seq += 1, at: '2026-11-22T01:00:00Z', kind, data }) as LessonLogEvent
const told = (one: Inquiry) => ({ inquiry: Object.fromEntries(Object.entries(one).filter(([key]) => key !== 'mine' && key !== 'voted')) })
const hear = (sheet: InquirySheet, staff: boolean, ...events: LessonLogEvent[]) => events.reduce((before, next) => afterEvent(before, next, staff), sheet)
const ids = (sheet: InquirySheet) => sheet.items.map(one => one.id)

test('what was found is marked, wherever it stands and whatever it is made of', () => {
  const join = (text: string, found: string[]) => pieces(text, found).map(piece => piece.hit ? `[${piece.text}]` : piece.text).join('')
  expect(join('去賭\u200b博！再去賭\u200b博', ['賭\u200b博'])).toBe('去[賭\u200b博]！再去[賭\u200b博]')
  expect(join('a.c 和 abc', ['a.c'])).toBe('[a.c] 和 abc')
  expect(join('赌博机', ['赌博', '赌博机'])).toBe('[赌博机]')
  expect(join('(*)[x]{1}\\^$|?+', ['(*)', '[x]', '{1}', '\\^$|?+'])).toBe('[(*)][[x]][{1}][\\^$|?+]')
  expect(join('没有', [])).toBe('没有')
})

test('what is shown appears, what is hidden goes, and an emptied event does nothing', () => {
  const shown = hear(NO_INQUIRIES, false, event('inquiry.shown', {}), event('inquiry.shown', told(inquiry('2', { state: 'approved' }))), event('inquiry.shown', told(inquiry('1', { state: 'approved' }))))
  expect(ids(shown)).toEqual(['1', '2'])
  expect(ids(hear(shown, false, event('inquiry.hidden', { inquiry_id: '1' })))).toEqual(['2'])
})

test('the own one stays with its state, and stays ours when it is shown without a name', () => {
  const own = hear(NO_INQUIRIES, false, event('inquiry.asked', told(inquiry('1'))))
  expect(own.items[0]?.mine).toBe(true)
  const shown = hear(own, false, event('inquiry.decided', { inquiry_id: '1', state: 'approved' }), event('inquiry.shown', told(inquiry('1', { state: 'approved', name: null, unit: null }))))
  expect(shown.items[0]).toMatchObject({ mine: true, state: 'approved', name: '学员甲' })
  const back = hear(shown, false, event('inquiry.decided', { inquiry_id: '1', state: 'declined' }), event('inquiry.hidden', { inquiry_id: '1' }))
  expect(back.items[0]).toMatchObject({ id: '1', state: 'declined' })
})

test('staff keep all of them by what is theirs, and what is hidden from others stays', () => {
  const sheet = hear(NO_INQUIRIES, true, event('inquiry.asked', told(inquiry('1'))), event('inquiry.changed', told(inquiry('1', { state: 'approved' }))),
    event('inquiry.shown', told(inquiry('1', { state: 'approved', name: null }))), event('inquiry.hidden', { inquiry_id: '1' }))
  expect(sheet.items[0]).toMatchObject({ name: '学员甲', state: 'approved', mine: false })
})

test('what was merged goes along when its target is merged', () => {
  const sheet = put({ ...NO_INQUIRIES, items: [inquiry('1', { state: 'merged', merged_into: '2' }), inquiry('2'), inquiry('3')] }, inquiry('2', { state: 'merged', merged_into: '3' }))
  expect(sheet.items.map(one => one.merged_into)).toEqual(['3', '3', null])
})

test('hidden names go at once, the own one stays', () => {
  const sheet = { ...NO_INQUIRIES, items: [inquiry('1', { state: 'approved' }), inquiry('2', { state: 'approved', mine: true })] }
  const after = hear(sheet, false, event('inquiry.desk', { names: false, order: 'hand', band: true }), event('inquiry.ordered', { ids: ['2', '1'] }))
  expect(after.items.map(one => one.name)).toEqual([null, '学员甲'])
  expect(ordered(after.items, after.desk.order).map(one => one.id)).toEqual(['2', '1'])
})

test('on stage first, answered last, by votes in between', () => {
  const items = [inquiry('1', { state: 'answered', votes: 9 }), inquiry('2', { state: 'approved', votes: 1 }), inquiry('3', { state: 'approved', votes: 2 }), inquiry('4', { state: 'on_stage' })]
  expect(ordered(items, 'votes').map(one => one.id)).toEqual(['4', '3', '2', '1'])
  expect(ordered(hear({ ...NO_INQUIRIES, items }, false, event('inquiry.votes', { votes: { 2: 5 } })).items, 'votes').map(one => one.id)).toEqual(['4', '2', '3', '1'])
})

test('every act of staff has its way back', () => {
  const steps: [InquiryState, InquiryState, string[]][] = [['waiting', 'approved', ['reopen']], ['waiting', 'merged', ['reopen']], ['approved', 'merged', ['reopen', 'approve']], ['on_stage', 'answered', ['reopen', 'stage']], ['approved', 'on_stage', ['unstage']]]
  for (const [before, now, way] of steps) expect(wayBack(before, now)).toEqual(way)
  expect(wayBack('waiting', 'waiting')).toEqual([])
})

test('a chapter stands where its moment is, behind a pause where the recording goes on, and nowhere after the end', () => {
  const pieces = [{ start: 0, duration: 2, dateMs: 1_000 }, { start: 2, duration: 2, dateMs: 60_000 }]
  expect(chapterPosition(pieces, 2_000)).toBe(1)
  expect(chapterPosition(pieces, 30_000)).toBe(2)
  expect(chapterPosition(pieces, 500)).toBe(0)
  expect(chapterPosition(pieces, 99_000)).toBeNull()
})
