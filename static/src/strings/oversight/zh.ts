/** Words of 督办; they travel with its pages. */
export default {
  oversight: {
    title: '督办', lead: '上级党组织请下级在期限前办理一件事，由该党组织的书记答复，再由上级办结或退回。系统不计分、不排名，也不自动处理。',
    add: '发起督办', addDetail: '发起后，该党组织的书记会收到门户通知，并在本页看到这件事；期限前三天和逾期各再通知一次。', unit: '党组织', choose: '请选择', subject: '事项', text: '内容', textHint: '写明要办什么、办到什么程度，最多 500 字。', due: '办理期限', dueHint: '当天结束前答复即为按期。', send: '发起',
    subjects: { missing: '缺课补学', credit: '学时不足', meeting: '会议逾期', other: '其他' },
    state: { open: '待答复', overdue: '已逾期', answered: '待办结', closed: '已办结', withdrawn: '已撤回' },
    step: { open: '发起', answer: '答复', return: '退回', close: '办结', withdraw: '撤回' },
    act: { answer: '答复', return: '退回', close: '办结', withdraw: '撤回' },
    ask: { answer: '答复：{u}', return: '退回：{u}', close: '办结：{u}', withdraw: '撤回：{u}' },
    what: { answer: '答复后由上级办结；办结前不能再改。', return: '退回后该党组织须重新答复。', close: '办结后不能再改。', withdraw: '撤回后不再要求办理，记录保留。' },
    say: { answer: '办理情况', return: '退回原因', close: '办结意见', withdraw: '撤回原因' },
    newDue: '新的期限', dueOn: '期限 {d}', overdueBy: '期限 {d}，已过', from: '由{a}发起', returned: '退回 {n} 次', history: '办理经过（{n}）', by: '{who} · {t}', due2: '期限 {d}',
    none: '没有督办事项', noneAbove: '需要下级党组织办理的事，可以在这里发起并跟踪。', noneBelow: '上级发起的督办会显示在这里。', noMatch: '没有这种状态的事项', noMatchDetail: '再点一次状态，可看全部。', more: '更早的事项', all: '全部党组织', onlyOne: '只显示通知里的这一件。', allItems: '看全部督办', forbidden: '这里由书记和学校管理员使用', forbiddenDetail: '您的账号没有督办的权限。',
    liveTitle: '上课动态', liveLead: '本级和下级党组织正在进行的课程：应到、实到和未到人数，每 5 秒更新。', liveAt: '更新于 {t}。', refresh: '刷新', liveNone: '现在没有正在进行的课程', liveNoneDetail: '课程开放签到后会自动出现在这里。', liveNoBoard: '暂时读不到这场课的人数，稍后自动重试。',
    liveSum: '实到 {p} / 应到 {e}', liveMissing: '未到 {n} 人', liveNames: '{u}，未到 {n} 人，查看名单', liveLeave: '请假 {n} 人', liveShare: '到课率（不含请假）{s}%', liveAll: '到齐', liveAsk: '发起督办', liveMore: '另有 {n} 场课正在进行，请到课程列表查看。', liveText: '《{l}》（{d}）未到 {n} 人，请了解原因并督促补学。',
    yearTitle: '年度学时', yearLead: '按年度要求统计达标人数，只按组织顺序排列，不排名，不看时长。应修人数不足 5 人的单位不显示比率：人太少，比率说明不了问题。', year: '年度', yearOf: '{y} 年', xlsx: '导出 Excel', pdf: '导出 PDF（可打印签字）',
    yearMet: '{m} / {a} 人达标', yearFew: '不足 5 人，不计比率', yearBeside: '免修 {e} 人 · 无要求 {u} 人 · 借出 {l} 人 · 借入 {b} 人', yearWhich: '各下级党组织有多少人达标？', yearWho: '每个人还差多少学时？', yearUnasked: '这一年对这里的人员没有学时要求，所以没有达标人数。', yearSet: '设定年度要求', yearNobody: '没有人员', yearMore: '更多人员', standing: { met: '达标', short: '差 {s} 学时', exempt: '免修', unasked: '无要求' },
    crumbs: '所在位置', loanTo: '借至{u}', monthsTitle: '每月底，有多少人跟上了年度进度？', monthsSaid: '到 {m} 月底，{s} 的人达到按月折算的学时；人均 {h} 学时。', monthsHow: '共 {n} 名应修人员。跟上进度：月底累计（含上年结转）达到年度目标按月折算的数，例如 32 学时到 6 月底为 16。', monthsFew: '应修人数不足 5 人，不按月统计。', monthsNone: '没有应修人员。', month: '月份', monthOf: '{m} 月', monthShare: '跟上进度', monthAdded: '本月人均', monthTotal: '累计人均',
    memberTitle: '{n} · {y} 年学时', memberHow: '离年度目标还差多少？', memberEntries: '学时明细（{n} 条）', capped: '（超出上限 {n} 不计）', carried: '上年结转 {n}', noRule: '本年度没有学时要求',
    waiting: '有 {n} 件督办待答复', toClose: '有 {n} 件督办待办结', see: '请在期限前办理',
  },
}
