/** Words of 我的会场; they travel with its card and page. */
export default {
  rooms: {
    title: '我的会场', seats: '{r} · {n} 座', until: '到 {d} 为止', from: '{d} 起由您操作', next: '{d} {t}', none: '还没有排定的课', work: '打开', devices: '会场与设备',
    forbidden: '您今天不是本会场的操作员', forbiddenDetail: '请党校管理员、会控或本支部书记确认指定的日期。', gone: '这场课已取消，或不再由您操作', goneDetail: '已取消的课不用准备。是否仍由您操作本会场，请在首页“我的会场”查看。', before: '还没有开放会场', beforeDetail: '开放后，谁还没到会列在这里；现在可以先看设备自检。', over: '已经下课，不能再协助签到。', cancelled: '这场课已取消', cancelledDetail: '会场不用准备，也不用自检和签到。', screen: '会场屏幕', online: '已连接', offline: '未连接', offlineHow: '请打开会场电脑；新电脑先在“会场与设备”里配对。',
    roll: '点名', called: '正在点本会场，请应答', calledHow: '确认人已坐好、镜头正常后应答。', answer: '应答', answered: '{t} 已应答，等待会控登记', rollResult: '第 {n} 次点名：{r}', rollWait: '点名进行中，还没有点到本会场', rollNone: '还没有点名',
    kiosk: '自助签到', kioskOn: '开启', kioskOff: '关闭', kioskIs: '已开启：没有手机的人在会场屏幕上自己签到', kioskNot: '未开启', kioskNeeds: '会场屏幕连接后，自助签到才看得到。',
    preflight: '设备自检', preflightHow: '请在会场电脑的画面上做自检，做完后可在这里签字。', sign: '签字确认', signAsk: '为“{v}”签字确认？', signWill: '以您的名字登记：设备已检查，可以上课。', reason: '有提醒项，请写明为什么可以接受', needReason: '请写明理由。', ran: '{t} 自检',
    unanswered: '在本会场、还没有作答（{n}）', question: '题目', answerFor: '协助作答', answerAsk: '协助 {name} 作答', answerDetail: '请按本人的意思填写，以您的名义登记。一经提交不能代为修改。', needAnswer: '请先选择或填写答案。', answerWhy: '协助原因', why: { none: '没有手机', empty: '手机没电', hard: '不会操作' }, answerSend: '提交答案', answerSent: '已为 {name} 提交答案', hasAnswered: '{name} 已经有答案了，没有改动。', allAnswered: '会场里的人都作答了', allAnsweredDetail: '只列出在本会场签到、没有离场的人。', unansweredMore: '只列出前 200 人。',
    missing: '未到（{n}）', everybody: '应到人员都到了，或已准假', everybodyDetail: '名单有变化时会自动更新。', find: '姓名或编号', noMatch: '没有符合的人', stale: '数据停在 {t}，正在重新连接', help: '呼叫会控', pick: '选择会场',
  },
  walkin: {
    title: '名单外到场', add: '名单外到场', listed: '名单外到场（{n}）', lead: '人已到场，但不在本会场名单上：按编号或完整姓名查找。', find: '编号或完整姓名', findHint: '请本人报出；只按完整编号或姓名查找，不列名单。', needTyped: '请填写编号或完整姓名。', search: '查找',
    nobody: '没有找到。请核对编号或姓名；不属于本场课范围的人，请联系会控或党校管理员增补。', more: '还有同名的人，请改用编号查找。', other: '换一位', own: '这是您本人，请由他人登记', signed: '已于 {t} 在“{v}”签到', here: '在本会场名单上', elsewhere: '安排在“{v}”', unlisted: '不在本场应到名单上',
    reason: '原因', reasonHint: '例如：出差，就近参加；记入签到记录，签到表上可见。', needReason: '请填写原因。', will: '将登记为在“{v}”签到。', willAdd: '将增补到应到名单之外，并登记为在“{v}”签到。', stays: '登记后不能删除。登记错了，请标记离场，并请其支部书记更正。', take: '登记到场', done: '{n} 已登记到场', at: '{t} 到场', left: '{t} 离场',
  },
}
