/** Words of a paper that is answered on the phone: they come with its sheet. */
export default {
  quiz: {
    handInAsk: '现在交卷？',
    handInAll: '{n} 题已全部作答。',
    handInOpen: '还有 {n} 题未答：第 {l} 题',
    handInChosen: '已选未提交的 {n} 题会一并提交。',
    handInFinal: '交卷后不能再修改；截止时没有交卷的自动收卷，已保存的答案都计入。',
    handedDetail: '{t} 交卷，停止答题后公布答案。',
    handed: '已交卷',
    handIn: '交卷',
    goOn: '继续作答',
    before: '上一题',
    next: '下一题',
    progress: '已提交 {a} / {n} 题',
    paperNav: '题目一览',
    place: '第 {n} / {m} 题',
    save: { nothing: '选了即自动保存，交卷或截止前都可以修改。', waiting: '正在保存…', saved: '已自动保存，交卷或截止前都可以修改。', failed: '没有保存成功，网络恢复后自动再存。', kept: '现在没有选任何一项，仍按上次保存的答案计。' },
    placeIs: { open: '第 {n} 题，未答', chosen: '第 {n} 题，已选未提交', sent: '第 {n} 题，已提交' },
  },
}
