/** Words of attendance over many lessons; they travel with its page. */
export default {
  report: {
    title: '考勤统计', by: { unit: '按党组织', member: '按学员', venue: '按会场', lesson: '按课程' },
    since: '从', until: '到', unit: '党组织', everyUnit: '全部党组织', everyKind: '全部人员类别', everyLesson: '全部课程类型', lessonKind: '课程类型', kind: '人员类别', loan: '借调', loans: { all: '含借调', without: '不含借调', only: '只看借调' },
    name: { unit: '党组织', member: '学员', venue: '应到会场', lesson: '课程' }, lessons: '场次', expected: '应到', came: '实到', late: '迟到', left: '早退', leave: '请假', absent: '缺席', share: '实到/应到', due: '实到/（应到−准假）',
    counted: '已核定 {n} 场，应到 {m} 人次', unsettled: '另有 {n} 场已下课、未核定，暂不计入。', then: '按每场课当时的隶属关系统计，以后的调整不改变以前的数字。不排名次。', few: '不足 10 人次的不算比例，以“–”表示。',
    xlsx: '导出 Excel', csv: '导出 CSV', records: '{name} · {what}', all: '全部', more: '更多', none: '这段时间没有已核定的课', noneDetail: '课程核定学时后计入统计。可以换一个时间段，或清除筛选。', wrong: '日期不对', record: { lesson: '课程', member: '学员', place: '会场', standing: '考勤' }, loaned: '借调',
    charts: '图表', hide: '收起图表', trend: '各场课的实到率有没有变化？', compare: '各党组织的实到、请假、缺席各占多少？', trendNote: '实到/（应到−准假），按上课时间', compareNote: '占应到的百分比，按组织顺序',
  },
}
