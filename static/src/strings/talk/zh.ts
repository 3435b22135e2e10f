/** Words of talking back; they come with its panels, not with the phone's first picture. */
export default {
  chat: {
    title: '聊天', approved: '先审后发：审核通过后大家可见', open: '发出后大家立即可见', off: '本场课未开放聊天', offDetail: '需要时请用举手或提问。', none: '还没有人发言', noneDetail: '第一句话可以由您来说。', older: '看更早的发言', text: '发言内容', placeholder: '说点什么…', send: '发送', sending: '发送中',
    waiting: '待审核', held: '含受限词语，待人工审核', sent: '已送审，通过后大家可见', mine: '我', venue: '会场', slow: '{s} 秒后再发', slowRule: '每人 {s} 秒发一条', count: '{n}/500', muted: '您已被暂停发言，还有 {t}', mutedWhy: '原因：{r}', closed: '您不能在本场课发言', long: '最多 500 字，请删减。',
    queue: '待审核 {n}', queueNone: '没有待审核的发言', queueNoneDetail: '新的发言会出现在这里。', said: '已显示', approve: '通过', remove: '删除', mute: '暂停发言', keys: 'J / K 上下 · A 通过 · D 删除', listed: '受限词语', mode: '聊天方式', modes: { off: '关闭', approved: '先审后发', open: '开放' }, slowSeconds: '发言间隔（秒）', slowHint: '发言间隔填 0 表示不限，最长 600 秒。',
    muteTitle: '暂停 {name} 发言', muteDetail: '本人会看到时长和原因；到时间自动恢复，也可以提前恢复。', minutes: '时长', minutesOf: '{n} 分钟', wholeDay: '本场', reason: '原因', reasonHint: '例如：重复发送与课程无关的内容', needReason: '请填写原因。', mutes: '已暂停发言', until: '到 {t}', unmute: '恢复发言', saved: '聊天方式已更改', save: '保存',
    card: '聊天', cardDetail: '上课中也可以随时更改，立即生效。', badSlow: '请填写 0 到 600 的整数。', kinds: { lecturer: '讲师', director: '会控' }, staffPlaceholder: '发言，大家立即可见',
  },
  words: {
    title: '受限词语', lead: '发言中出现这些词语时：先审后发的，标出来等人工审核；开放的，拒绝发送并提示修改。全角、大小写、空格、标点、零宽字符、形近字母、数字代字母和繁体字都会识别。提问中出现时同样标出，须逐条处理。', unit: '党组织', unitHint: '对本组织和所有下级组织的课有效。', list: '每行一个词语', count: '共 {n} 个，最多 2000 个', save: '保存词语', saved: '词语已保存', changed: '别人刚改过，已取回最新内容，请检查后再保存。', none: '您没有可以设定词语的党组织', noneDetail: '由本单位的教务管理员设定。',
  },
  inquiry: {
    title: '提问', hint: '想问什么？审核后公开。', rule: '审核后公开，会务可见姓名', left: '还可写 {n} 字', send: '提问', sent: '已提交，等待审核', sentDetail: '通过后大家会看到；结果显示在下面。', own: '我的提问', list: '大家的提问 {n}', more: '再看 {n} 条', me: '我', anonymous: '匿名', by: '由{who}回答', answer: '答复', vote: '赞同，现有 {n} 人', votes: '{n} 人赞同',
    none: '还没有公开的提问', noneDetail: '写下您的问题，审核后会出现在这里。', noneLater: '采纳的提问会出现在这里。',
    state: { waiting: '待审', approved: '已采纳', declined: '未采纳', merged: '已合并', on_stage: '正在回答', answered: '已答' },
    ownState: { waiting: '等待审核', declined: '没有采纳', merged: '已并入相近的提问' },
  },
  signals: { title: '听课感受', clear: '听得清', unclear: '听不清', fast: '太快', lead: '只计人数，不记姓名', given: '已告诉讲师，一分钟后自动取消' },
}
