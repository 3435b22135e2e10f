/** Words of 补学; they travel with its pages. */
export default {
  makeup: {
    title: '补学', mine: '我的补学', open: '{n} 场课待补学', toList: '查看补学', none: '没有需要补学的课', noneDetail: '缺席、迟到、早退或请假的课如果可以补学，会列在这里。', notMember: '这里是党员的补学', notMemberDetail: '您的账号不对应党员，没有补学。',
    until: '{t} 前完成', left: '还有 {t}', over: '{t} 截止', worth: '完成后记 {n} 学时', earned: '已记 {n} 学时', standing: { present: '实到', late: '迟到', left_early: '早退', on_leave: '请假', absent: '缺席' },
    step: { not_started: '还没开始', watching: '正在看回放', questions: '待答题', done: '已完成', expired: '已过期', withdrawn: '已撤销' },
    go: { not_started: '开始补学', watching: '继续观看', questions: '去答题' }, see: '查看', more: '显示更多',
    progress: '观看进度 {n}%', enough: '回放已看够', loading: '正在打开…', resume: '已从上次看到的地方继续',
    rules: '看完回放的 {p}% 算看够。可以暂停、倍速（最快 {r} 倍）、换设备接着看；页面放到后台不算。', noSkip: '第一次看不能跳到还没看过的地方，看过的部分可以随意回看。', rulesThen: '看够后答题：{q} 道题，答对 {p}% 及格，可答 {n} 次。', rulesOnly: '看够即完成，不需要答题。',
    held: '第一次看不能快进', heldDetail: '请按顺序看；看过的部分可以随意回看，也可以用倍速。', back: '有一小段没有记录到', backDetail: '可能是网络断开过，已退回到记录到的地方，请从这里接着看。', lost: '进度暂时没有保存上', lostDetail: '请检查网络，恢复后会自动接着保存。',
    expired: '补学期限已过', expiredDetail: '如有特殊情况，请联系支部书记延长期限。', withdrawn: '这场补学已撤销', withdrawnDetail: '学时已通过复核记入，不需要补学。', done: '补学完成', doneDetail: '{n} 学时已记入“我的学时”。', doneNone: '这场课不计学时，已记录完成。', toCredit: '我的学时', again: '再看一遍回放',
    mark: '课上的提问', markDetail: '讲到这里时课上问过这道题；答对答错都不影响补学。', markLater: '通过补学答题后，可以看到正确答案与讲解。', markCounts: '讲到这里时课上问过这道题；每道题只记第一次回答，答对答错都可以，但需要回答。', marked: '已记录您的回答', markSubmit: '提交', markFailed: '这次作答没有记录下来，可以继续观看。', marks: '课上提问已回答 {n}/{m}', marksMissing: '还需回答 {n} 道课上的提问', answerMarks: '回答课上的提问', rulesMarks: '课上的提问至少回答 {p}%，在回放的提问处或看够后作答。', on: '继续观看', questions: '答题', begin: '开始答题', goOn: '继续答题', nth: '第 {n} 次答题', attempts: '还可答 {n} 次', noAttempts: '答题次数已用完', noAttemptsDetail: '请联系支部书记，说明原因后可以增加次数。', pause: '{t} 后可以再答', pauseDetail: '可以先回看一下回放。',
    kinds: { single: '单选', multiple: '多选', true_false: '判断', fill_in: '填空', ordering: '排序', opinion: '意见征集', word_cloud: '词云' }, number: '第 {n} 题', handIn: '交卷', unanswered: '还有 {n} 题没答', handInAsk: '还有 {n} 题没答，交卷吗？', handInDetail: '没有作答的题算错；交卷后不能再改。', failed: '这次没有及格', failedDetail: '答对 {r}/{n} 题，需要答对 {p}%。', passed: '答题通过', right: '答对 {r}/{n} 题', correct: '正确答案', yours: '您答对了', wrong: '您答错了',
    extended: '{name} 延长到 {t}：{r}',
  },
  makeups: {
    title: '补学情况', lead: '谁还没有补学、到哪一步、什么时候截止。只看步骤，不看时长。', only: '只看进行中的', none: '没有人需要补学', noneDetail: '有人缺席、迟到、早退或请假的课核定后，可以补学的人会列在这里。', noneOpen: '没有进行中的补学', all: '显示全部',
    remindAll: '提醒未完成的（{n} 人）', remind: '提醒', reminded: '已提醒 {n} 人', skipped: '{n} 人近期已提醒过或已结束', last: '{t} 提醒过', extend: '延长期限', extendOf: '延长 {name} 的补学期限', extendWill: '记录您的姓名、时间和原因，并通知本人。', deadline: '新的截止日期', deadlineHint: '当天结束前有效', badDeadline: '请选一个晚于现在截止日期的日子', moreAttempts: '增加答题次数', reason: '原因', reasonHint: '例如：出差在外、住院', needReason: '请写明原因。', own: '本人，由其他书记或管理员办理', forbidden: '这个页面供书记和管理员使用', forbiddenDetail: '您的账号不能查看党组织的补学情况。', noAttempts: '答题次数已用完', deadlineIs: '{t} 截止',
  },
}
