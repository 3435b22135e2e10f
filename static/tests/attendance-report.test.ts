import { describe, expect, it } from 'vitest'
import { asked, level, parts, shareText, type AttendanceSum, type ReportRow } from '@/protocol/attendance'

const sum = (given: Partial<AttendanceSum>): AttendanceSum => ({ expected: 0, came: 0, present: 0, late: 0, left_early: 0, on_leave: 0, absent: 0, rates: { of_expected: null, of_due: null }, few: false, ...given })
const row = (id: string, depth: number): ReportRow => ({ id, name: id, lessons: 1, sum: sum({}), under: null, depth, unit: '', at: null })

describe('attendance over many lessons', () => {
  it('asks for what was chosen and for nothing else', () => {
    expect(asked({ by: 'unit', since: '2026-01-01', until: '', kind: undefined, cursor: 0 })).toBe('by=unit&since=2026-01-01&cursor=0')
  })
  it('tells no share of a few', () => {
    expect(shareText(333, true)).toBeNull()
    expect(shareText(null, false)).toBeNull()
    expect(shareText(916, false)).toBe('91.6')
    expect(parts(sum({ expected: 4, came: 4, few: true }))).toBeNull()
    expect(parts(sum({}))).toBeNull()
  })
  it('makes a whole of who came, was on leave and was absent', () => {
    expect(parts(sum({ expected: 200, came: 150, on_leave: 30, absent: 20 }))).toEqual({ came: 75, leave: 15, absent: 10 })
  })
  it('compares units that stand beside each other', () => {
    expect(level([row('root', 0), row('g1', 1), row('b1', 2), row('g2', 1)]).map(one => one.id)).toEqual(['g1', 'g2'])
    expect(level([row('b1', 0)]).map(one => one.id)).toEqual(['b1'])
  })
})
