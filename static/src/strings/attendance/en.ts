/** Words of attendance over many lessons; they travel with its page. */
export default {
  report: {
    title: 'Attendance', by: { unit: 'By unit', member: 'By member', venue: 'By venue', lesson: 'By lesson' },
    since: 'From', until: 'Until', unit: 'Unit', everyUnit: 'All units', everyKind: 'All kinds of members', everyLesson: 'All kinds of lessons', lessonKind: 'Kind of lesson', kind: 'Kind of member', loan: 'On loan', loans: { all: 'Loans included', without: 'Without loans', only: 'Only loans' },
    name: { unit: 'Unit', member: 'Member', venue: 'Expected at', lesson: 'Lesson' }, lessons: 'Lessons', expected: 'Expected', came: 'Came', late: 'Late', left: 'Left early', leave: 'On leave', absent: 'Absent', share: 'Came of expected', due: 'Came of expected without leave',
    counted: '{n} lessons settled, {m} expected', unsettled: '{n} more are over, not settled, and not counted yet.', then: 'Counted by where each unit stood on the day of each lesson; later changes alter no earlier number. No ranking.', few: 'No share of fewer than 10: “–”.',
    xlsx: 'Export Excel', csv: 'Export CSV', records: '{name} · {what}', all: 'All', more: 'More', none: 'No settled lesson in this time', noneDetail: 'Lessons count once they are settled. Choose another time, or clear the filters.', wrong: 'These dates do not fit', record: { lesson: 'Lesson', member: 'Member', place: 'Venue', standing: 'Attendance' }, loaned: 'on loan',
    charts: 'Charts', hide: 'Hide charts', trend: 'Does the share of those who came change from lesson to lesson?', compare: 'How many came, were on leave or absent in each unit?', trendNote: 'Came of expected without leave, by time', compareNote: 'Percent of those expected, in the order of the tree',
  },
}
