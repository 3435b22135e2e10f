/** Words of the archive; they travel with its page. */
export default {
  archive: {
    title: '录像', search: '查找', words: '课程、讲师或章节中的字，讲师可用拼音', unit: '党组织', everyUnit: '全部党组织', kind: '类型', everyKind: '全部类型', since: '从', until: '到', clear: '清除筛选', more: '再看一些', shown: '已列出 {n} 个', all: '共 {n} 个',
    none: '还没有录像', noneDetail: '课程下课后，录像立即出现在这里。', noMatch: '没有找到符合条件的录像', noMatchDetail: '换个说法、放宽日期，或清除筛选。只会找到您能看的录像。',
    lecturerNone: '讲师未定', length: '时长', marksMore: '还有 {n} 处', play: '播放', running: '录制中', paused: '已暂停', recovered: '中断后自动恢复', gaps: '缺 {t}', mark: '章节“{title}”',
  },
}
