/** Calendars, courses, kinds of lessons, lessons on the spot. */
export default {
  kind: { lecture: '党校课', members_meeting: '党员大会', committee_meeting: '支委会', group_meeting: '党小组会', party_class: '党课', theme_day: '主题党日' },
  spot: {
    tag: '现场', title: '本场在现场进行，不带音视频', phone: '到现场后签到：扫会场屏幕上的二维码，或请工作人员协助签到。答题和学时照常。', there: '您已在现场签到', thereDetail: '请留在现场。题目发布时，在这里作答；学时按规则核定。', go: '请到{venue}',
    venue: '请扫右侧的二维码签到。没有带手机的，由操作员协助签到（按 5）。', console: '没有画面可以切换。签到、点名、答题和会务联络照常；下课后核定学时。', desk: '不需要摄像头和话筒。题目、课件、提问照常使用。', missing: '未到名单与协助签到',
  },
  plan: {
    kind: '课程类型', kindHint: '三会一课和主题党日按类型统计是否按期开展。', media: '带音视频', mediaHint: '讲台、会场和手机之间传送画面和声音。', spotHint: '只在现场进行：没有直播和录像，学员在现场签到，答题、考勤和学时照常。', course: '所属课程系列', courseNone: '不属于任何系列',
    group: '党小组', groupNone: '不指定党小组（全支部）', groupHint: '指定后，应到的只有这个小组的党员；按小组统计是否按期开展。', noGroups: '这个党支部还没有设党小组。', willGroup: '应到的只有{g}的党员', willSpot: '没有直播，应到人员在现场签到', filterKind: '类型', allKinds: '全部类型', way: '方式', broadcast: '音视频直播',
  },
  calendar: {
    title: '课程日历', month: '{y} 年 {m} 月', weekdays: '一 二 三 四 五 六 日', before: '上个月', after: '下个月', today: '回到本月', view: '显示方式', sheet: '月历', list: '列表', allCourses: '全部课程系列', unit: '主办党组织', allUnits: '全部党组织', more: '还有 {n} 场', none: '这个月没有课程', noneDetail: '换一个月份，或取消筛选再看。',
  },
  feed: { title: '订阅到手机或邮箱的日历', lead: '把地址添加到日历应用的“订阅”里，课程会自动出现并更新；只含您能看到的课程。', address: '订阅地址', once: '地址只显示这一次，请现在复制。任何知道它的人都能看到您的课程，不要转发。', make: '取得订阅地址', again: '换一个新地址', drop: '撤销地址', used: '订阅地址已启用，最近一次更新：{t}', unused: '订阅地址已取得，还没有使用过。' },
  series: { made: '整批草稿已建立', madeDetail: '请逐场检查后再排期。建错了可以整批撤销，已排期或改过的不受影响。', undo: '撤销整批草稿', undone: '已撤销 {n} 场草稿', kept: '另有 {n} 场已排期或改过，保留不动。', repeat: '重复', once: '不重复', every: { week: '每周', month: '每月同一日', weekday: '每月同一星期' }, times: '共几场', numbered: '课名后加“第几次”', will: '一次建立 {n} 场草稿', badTimes: '请填写 2 到 60 的整数。', of: '查看整批' },
  course: { title: '课程系列', new: '新建课程系列', change: '修改课程系列', name: '名称', needName: '请填写名称。', save: '保存', note: '说明', films: '微视频', close: '已结束，不再加入新的课', closed: '已结束', lessons: '{n} 场课', none: '还没有课程系列', noneDetail: '把内容相连的几场课归成一个系列，便于查找和安排。' },
  due: {
    title: '按期开展', lead: '按党支部列出三会一课和主题党日本期的开展情况，以及上一期还没有开展的。这里只作提醒，不作评价和排名。', period: '期间', by: '最迟', done: '已开展', counted: '{h}/{w}', countedPlanned: '{h}/{w}，已排期 {p}', owing: '还缺：{g}', and: '、', none: '没有需要按期开展的', noneDetail: '您管理的范围内没有党支部，或都按计划另行安排。',
    state: { overdue: '已过期限', open: '尚未安排', planned: '已排期', held: '已开展' }, rhythm: '多久开展一次', rhythmLead: '各地要求不同，由学校管理员按党组织规定并写明自哪一天起；最近的党组织、最新的规定有效，以前的期间不变。', asPlanned: '按计划开展', onDay: '每月 {d} 日', each: { month: '每月 {n} 次', quarter: '每季度 {n} 次' },
    name: { month: '每月', quarter: '每季度', planned: '按计划' }, since: '自 {d}', above: '上级组织的也算', aboveCounts: '上级党组织组织的也算下级开展过', usual: '惯例（没有另行规定时）', holds: '现行', later: '尚未生效', over: '已被取代', set: '规定', setDetail: '自所选日期起，对该党组织和全部下级有效。', every: '多久一次', times: '每期几次（党小组会为每个小组几次）', day: '固定在每月几日', dayHint: '不填则月底前开展即可；没有这一天的月份为最后一天。',
  },
}
