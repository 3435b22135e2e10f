/** Words of notices; they travel with the parts that show them. */
export default {
  inbox: {
    title: '通知', unread: '{n} 条未读', all: '全部通知', none: '还没有通知', noneDetail: '有新的课时，这里会通知您。', readAll: '全部标为已读', more: '更早的通知', read: '标为已读', unreadAgain: '标为未读', isUnread: '未读',
    invite: '上课通知', day: '上课提醒', hour: '即将上课', moved: '改期通知', make_up: '补学通知', until: '请在 {t} 前看回放、答题，完成补学', noneStaff: '有督办或学时的通知时，会显示在这里。',
    was: '原定 {t}', credit_short: '学时提醒', credit_corrected: '学时更正', corrected: '{a} 学时改为 {b} 学时，由{by}办理；有疑问可在“我的学时”里申请复核，或联系管理员。', oversight_asked: '督办通知', oversight_returned: '督办退回', oversight_soon: '督办即将到期', oversight_overdue: '督办已过期限', oversight_answered: '督办已答复',
    short: '{y} 年度还差 {n} 学时', shortUntil: '请在 {d} 前完成 · {by} 提醒', subjects: { missing: '缺课补学', credit: '学时不足', meeting: '会议逾期', other: '其他' },
    due: { oversight_asked: '{a}发起，请在 {d} 前答复', oversight_returned: '已退回，请在 {d} 前重新答复', oversight_soon: '还没有答复，期限 {d}', oversight_overdue: '还没有答复，期限 {d} 已过', oversight_answered: '期限 {d}，请查看答复后办结或退回' },
    now: { met: '现在已经达标', gone: '这件事已不由您办理，或已到期清除', overdue: '现在已过期限，尚未答复', answered: '现在：已答复，待办结', closed: '现在：已办结', withdrawn: '现在：已撤回，不用办理', returned: '现在：已退回，等待重新答复' },
    overtaken: '已改期，现为 {t}', cancelled: '这场课已取消', draft: '这场课正在重新安排，时间另行通知', over: '已下课',
  },
  waves: {
    title: '通知', off: '通知已关闭', offDetail: '系统管理员在设置里关闭了上课通知。', made: '{t} 发出，共 {n} 人', due: '计划 {t} 发出', overtaken: '没有单独发出，由之后的一次代替', channel: '渠道', read: '已读', portalOnly: '只在门户通知；企业微信和短信由系统管理员在设置里开通。',
    by: { portal: '门户', wecom: '企业微信', sms: '短信' }, state: { queued: '待发', sent: '已发', failed: '失败', unknown: '结果不明', stopped: '不再需要' },
    troubled: '没有发出的', retry: '重发失败的', retryUnknown: '结果不明的也重发', unknownDetail: '结果不明的可能已经收到，重发可能收到两条。', who: '姓名', what: '状态', why: '原因', first: '只列出前 {n} 条',
    calls: '电话名单', callsDetail: '应到而尚未签到、未请假，也没有收到通知的人，请逐一电话通知。查看会记入审计日志。', show: '列出名单', again: '重新列出', print: '打印', unit: '党组织', phone: '电话', place: '参加地点', note: '备注', noPhone: '未登记', because: { no_channel: '没有企业微信和短信', not_reached: '没有送达' }, noCalls: '不需要打电话', noCallsDetail: '应到的人都已收到通知、签到或请假。', leftOut: '另有 {n} 人未列出',
  },
}
