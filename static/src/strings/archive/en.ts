/** Words of the archive; they travel with its page. */
export default {
  archive: {
    title: 'Recordings', search: 'Search', words: 'Words of a lesson, its lecturer (or pinyin) or a chapter', unit: 'Unit', everyUnit: 'All units', kind: 'Kind', everyKind: 'All kinds', since: 'From', until: 'To', clear: 'Clear filters', more: 'Show more', shown: '{n} listed', all: '{n} in all',
    none: 'No recordings yet', noneDetail: 'They appear here the moment a lesson ends.', noMatch: 'No recording matches', noMatchDetail: 'Try other words or dates, or clear the filters. Only recordings you may watch are found.',
    lecturerNone: 'Lecturer not set', length: 'Length', marksMore: '{n} more places', play: 'Play', running: 'Recording', paused: 'Paused', recovered: 'Recovered after a break', gaps: '{t} missing', mark: 'Chapter “{title}”',
  },
}
