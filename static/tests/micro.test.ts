import { describe, expect, it } from 'vitest'
import { base64, courseProgress, dateOfMark, markOfFile, metadataOf, moved, pieceAfter, PIECE_BYTES, timeOf, waitBefore, type CourseStudy, type StudyRow } from '@/protocol/micro'

const row = (step: StudyRow['step'], progress: number): StudyRow => ({ id: step, position: 1, title: '灭火器的使用', duration_ms: 60_000, step, progress, hundredths: 25, test_hundredths: 0, questions: 0, done_at: null })
const course = (...items: StudyRow[]): CourseStudy => ({ id: 'c', title: '消防', unit: { id: 'u', name: '某集团党委' }, note: '', done: 0, total: items.length, next_id: null, items })

describe('a course', () => {
  it('is whole only when every video is done', () => {
    expect(courseProgress(course())).toBe(0)
    expect(courseProgress(course(row('done', 100), row('not_started', 0)))).toBe(50)
    expect(courseProgress(course(row('done', 100), row('questions', 100)))).toBe(99)
    expect(courseProgress(course(row('done', 100)))).toBe(100)
  })

  it('keeps all of its list whatever is moved', () => {
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
    for (const to of [-1, 3, 0]) expect(moved(['a', 'b', 'c'], 0, to)).toEqual(['a', 'b', 'c'])
  })
})

describe('a film in pieces', () => {
  it('goes on where it was, to its end', () => {
    const size = 2 * PIECE_BYTES + 5
    expect(pieceAfter(0, size)).toEqual([0, PIECE_BYTES])
    expect(pieceAfter(2 * PIECE_BYTES, size)).toEqual([2 * PIECE_BYTES, size])
    expect(pieceAfter(size, size)).toEqual([size, size])
  })

  it('waits longer each time, and never longer than half a minute', () => {
    expect([1, 2, 3].map(waitBefore)).toEqual([2000, 4000, 8000])
    expect(waitBefore(40)).toBe(30_000)
  })

  it('is told by its name in UTF-8, and known again by name, size and time', () => {
    expect(metadataOf('a.mp4')).toBe('filename YS5tcDQ=')
    expect(new TextDecoder().decode(Uint8Array.from(atob(metadataOf('消防.mp4').split(' ')[1] ?? ''), one => one.charCodeAt(0)))).toBe('消防.mp4')
    expect(base64(new Uint8Array([255, 0]))).toBe('/wA=')
    expect(markOfFile({ name: 'a', size: 1, lastModified: 2 })).not.toBe(markOfFile({ name: 'a', size: 1, lastModified: 3 }))
  })
})

describe('a mark', () => {
  it('stands in the film’s own time', () => {
    expect(dateOfMark(65_000)).toBe('2000-01-01T00:01:05.000Z')
  })

  it('is written as minutes and seconds', () => {
    expect(timeOf('3:05')).toBe(185_000)
    expect(timeOf('1:02:03')).toBe(3_723_000)
    for (const wrong of ['', '5', 'a:1', '1:2:3:4', '-1:00']) expect(timeOf(wrong)).toBeNull()
  })
})
