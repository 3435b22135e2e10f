/** What credit is held against: more terms of a rule, looking before making, what a year asks, roles and exemptions. */
export default {
  years: {
    tabs: '学时规则', tabLessons: '每课规则', tabYears: '年度要求', tabRoles: '职务与免修',
    kind: { lecture: '党校课', members_meeting: '党员大会', committee_meeting: '支委会', group_meeting: '党小组会', party_class: '党课', theme_day: '主题党日' },
    weighs: '作答与答对合计', weighsHint: '按权重合成一个分数；没有题目的课不看这一项。', answeredWeight: '作答权重', rightWeight: '答对权重', leastScore: '合计不低于（%）', badQuiz: '权重为 0 到 100，不能都是 0；合计为 1 到 100。', weighed: '作答×{a}＋答对×{r} ≥ {p} %',
    values: '核定学时的算法', valuesHint: '安排课程时给出建议值，安排的人可以改。', minutes: '1 学时（分钟）', minutesHint: '如 45 或 60；不填则不按时长算。', change: '{a} → {b}', step: '取整到', halfMinutes: '半天：从（分钟）', half: '半天学时', dayMinutes: '一天：从（分钟）', day: '一天学时', emptyNone: '不填表示没有。', fixed: '按类别固定', fixedHint: '填了的类别不论时长。', badWorth: '请检查核定学时的算法：分钟数 15 到 240，半天和一天 30 到 1440 且半天短于一天，学时 0 到 100。', perMinutes: '{m} 分钟 1 学时', halfIs: '半天 {h}', dayIs: '一天 {h}',
    teaching: '授课倍数', teachingHint: '讲师本人是党员时，按核定学时的倍数记，最多 5；不填则不记。', badTeaching: '请填写 0.01 到 5 的数，或不填。', teaches: '授课 ×{n}',
    madeBy: '{n} 于 {d} 发布',
    preview: '试算', previewLead: '选一场已核定的课，看这条规则会给出什么。只算不存，已核定的学时不变。', previewNone: '还没有已核定的课，核定之后可以试算。', previewFix: '请先把上面的各项填对。', lesson: '课程', look: '试算', stale: '规则或课程已改，请重新试算。', passed: '通过', ofPeople: '应到 {n} 人', differs: '学时不同', moreLess: '多得 {m} 人，少得 {l} 人', lateCount: '迟到', each: '每人学时', nobody: '没有人的学时会不同。', byPerson: '由复核或改判认定，不受规则影响', noLonger: '不再因“{w}”扣下', worthChanged: '核定学时不同', more: '再显示（还有 {n} 人）', asThen: '离开的时刻、随机确认问了几次，按当时的记录。最多列出 500 人。', by: { kind: '按类别固定', day: '按一天', half_day: '按半天', length: '按时长' },
    title: '年度要求', lead: '每个年度按该年最后一天有效的版本核算，本年度按今天。只增不改，过去的年度不变。', new: '新的年度要求', renew: '新版本', newDetail: '从生效日起，适用于所选党组织和没有自己要求的下级。', none: '还没有年度要求', noneDetail: '设置后，本人、支部和全校都能看到达标和差多少。',
    targets: '年度目标（学时）', targetsHint: '不填表示不作要求。', position: { full: '正式党员', probationary: '预备党员', secretary: '支部书记', committee: '班子成员', candidate: '发展对象', activist: '入党积极分子', guest: '列席' },
    caps: '每类最多计入（学时）', capsHint: '不填表示不设上限；更正并入课程。', type: { lesson: '课程', make_up: '补学', micro: '微视频', outside: '校外学时', teaching: '授课' },
    carry: '上年结余最多计入', carryHint: '上年自身超出目标的部分，只结转一年；不填表示不结转。', byMonth: '按月折算', byMonthHint: '年中转入、转出或免修的，按每月 1 日的情况计，每月十二分之一。', loans: '借调人员', loansHint: '由原支部的规则决定。', loan: { apart: '单列，两边都不计入达标率', home: '计入原支部', host: '计入借调单位' },
    needName: '请填写名称。', badDates: '结束日要晚于生效日。', badYear: '过去的年度不能改，生效日最早为今年 1 月 1 日。', badHours: '请填写 0 到 9999 的数，最多两位小数。', needTarget: '至少填写一项目标。', save: '发布', target: '{p} {h} 学时', cap: '{p} 最多 {h}', carries: '结转 ≤ {h}', monthly: '按月折算', version: '第 {v} 版', open: '长期', standing: { now: '有效', later: '将生效', over: '已结束' },
    rolesTitle: '职务与免修', rolesLead: '支部书记、班子成员按各自目标核算，免修的不作要求。都有起止日期和原因，过去的年度不变。', add: '登记', of: '党组织', which: '类别', all: '全部', role: { secretary: '支部书记', committee: '班子成员', exempt: '免修' }, rolesNone: '没有登记', rolesNoneDetail: '没有登记的人按人员类别核算。', name: '姓名', unit: '党组织', dates: '起止', reason: '原因', byWhom: '登记人', state: '状态', acts: '操作', holds: '有效', coming: '将生效', past: '已结束', withdrawn: '已撤回', from: '自 {a} 起', between: '{a} 至 {b} 前', person: '党员', personHint: '按姓名、拼音或编号查找。', nobodyFound: '没有找到，请换个写法。', chosen: '已选：{n}', another: '换人', since: '开始日', until: '结束日', untilHint: '不填表示长期；从这一天起不再有效。', reasonHint: '例如长期病假、任支部书记。', needPerson: '请选择党员。', needReason: '请写明原因。', end: '终止', endTitle: '终止 {n} 的{r}', endDetail: '从所填日期起不再有效。填开始日表示撤回，等于没有登记过。', endOn: '终止日', endAct: '确定终止',
  },
}
