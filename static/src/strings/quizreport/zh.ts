/** Words of reports on quizzes. */
export default {
  figures: {
    title: '答题统计', by: { question: '按题目', unit: '按党组织', member: '按学员', assisted: '协助作答' }, counted: '已停止作答 {n} 题，计分 {s} 题；应到 {e} 人，参加答题 {p} 人',
    question: '题目', answered: '作答', whole: '得满分', difficulty: '难度 P', discrimination: '区分度 D', hint: '提示', unit: '党组织', expected: '应到', people: '参加答题', share: '平均得分率', member: '学员', marks: '得分', of: '{m} / {s}',
    hints: { check_key: '请核对答案', tells_little: '区分度偏低', too_easy: '偏易', too_hard: '偏难' },
    hintWhat: { check_key: '总体答得好的人反而答错，答案可能标错了。', tells_little: '答得好和答得不好的人得分差不多。', too_easy: '九成以上的分都得到了。', too_hard: '得分不到三成。' },
    what: '难度 P 是作答者的平均得分率，越高越易。区分度 D 是其余题目总分前 27% 与后 27% 的人在本题得分率之差，0.4 以上为好，明显为负请核对答案。',
    few: '不足 {f} 人作答不算难度和得分率，不足 {l} 人或不足 3 道计分题不算区分度，以“–”表示。不排名次。', none: '这场课还没有可统计的题目', noneDetail: '题目停止作答后计入统计。', helped: '协助作答 {n}', noVote: '不代替组织表决', opinions: '已审核的内容 {n} 条', more: '再显示一些', xlsx: '导出 Excel', csv: '导出 CSV',
    handedIn: '交卷时间', collected: '自动收卷', notBegun: '未作答', inRound: '第 {n} 轮', paperFrom: '第 {n} 题起的整卷', paperEnds: '{p}：交卷 {h} 人，自动收卷 {c} 人。', reason: '原因', helper: '协助人', at: '时间', noneAssisted: '没有协助作答', noneAssistedDetail: '会场操作员、书记为没有手机的人填写的答案会列在这里，只列谁、哪一题、谁协助和原因。', assistedWhat: '只列仍有效的协助作答，不显示选了什么；本人之后改过的不再列出。与事实不符的，请向会务反映；审计日志有每一笔记录。',
    uses: '在 {n} 次作答中', usesNone: '还没有在课上作答过', usesMany: '只统计最近 50 次', inAll: '全部版本', bank: '使用情况',
  },
  remark: {
    act: '改判', title: '改判', lead: '给出正确答案并说明原因。先预览对谁有影响，确认后按原计分规则重新判分；原答案保留可查。', now: '现在的答案：{k}', right: '正确答案', reason: '改判原因', reasonHint: '学员会看到，例如：原答案标错，应为“切断电源”。',
    look: '预览影响', confirm: '确认改判', changes: '{a} 份作答中 {n} 份的得分改变，其中 {u} 份提高', noChanges: '没有人的得分改变', credit: '达到要求、补记学时 {g} 人；按正确答案达不到但学时保留 {k} 人。', madeUp: '补学测验没有通过的人里，{n} 人按正确答案达到要求，计为通过；补学要求都完成的，随即记入学时。', unsettled: '这场课还没有核定学时，核定时按改判后的结果计算。',
    fromTo: '{a} → {b}', effect: { granted: '补记学时', kept: '学时保留' }, past: '以前的改判', pastKey: '{a} 改为 {b}', pastBy: '{name} · {t} · {n} 份作答改变',
  },
}
