/** Words of leave, random checks, what is to be looked at and corrections; they travel with the parts that show them. */
export default {
  leave: {
    cannot: '不能参加这场课？', ask: '请假', title: '请假', for: '向党支部书记请假：{lesson}', reason: '请假原因', reasonHint: '例如：出差、值班、就医。书记审批时能看到。', needReason: '请填写请假原因。', send: '提交请假', withdraw: '撤回申请', again: '重新申请',
    state: { asked: '请假待审批', approved: '已准假', refused: '未准假', withdrawn: '已撤回请假' }, own: { asked: '等待书记审批，审批前可以撤回。', approved: '您不计入未到。能够参加时，照常签到即可。', refused: '请按时参加，或说明情况后重新申请。', withdrawn: '请按时参加。' }, answer: '书记答复：{a}',
    waiting: '请假待审批 {n}', none: '没有请假申请', noneDetail: '党员在手机上提交后，会列在这里。', list: '请假', approve: '准假', refuse: '不准假', approveAsk: '准 {name} 的假？', refuseAsk: '不准 {name} 的假？', will: '本人会看到结果和答复。', answerTo: '答复', needAnswer: '请填写答复。', fine: '同意',
    told: '登记请假', toldAsk: '为 {name} 登记请假', toldWill: '本人向您口头请假时使用，登记后即为准假，并注明由您登记。', by: '{name} 登记', decided: '{name} · {t}',
  },
  place: {
    label: '参加地点', phone: '手机参加', choose: '改地点', title: '选择参加地点', lead: '签到开始前可以随时更改；开始后请联系支部书记或会务人员。', seats: '{n} 座，已有 {m} 人', left: '{n} 座，余 {m} 座', full: '座位已满，仍可选择', joined: '{m} 人手机参加', save: '确定', own: '本人选择', plan: '按本支部安排', given: '由会务指定',
    change: '改地点', ask: '调整 {name} 的参加地点', will: '应到名单、看板和未到名单随之改变，理由记入本场记录，本人会看到新地点。', to: '改到', reason: '理由', reasonHint: '例如：临时来厂区、身体不便。', needReason: '请填写理由。', same: '请选择另一个地点。',
  },
  check: {
    title: '随机确认', ask: '您在听课吗？', detail: '请在时间结束前点一下，不影响画面和声音。', here: '我在听课', left: '还剩 {s} 秒', sent: '已确认', sentDetail: '谢谢，请继续听课。', over: '确认时间已过', overDetail: '不影响继续听课；如有疑问，下课后可申请复核。', failed: '没有送出，正在重试', evidence: '随机确认', counted: '问 {n} 次，应答 {m} 次',
  },
  inFront: { away: '本页面刚才在后台约 {n} 分钟，这段时间不计入在课', awayDetail: '听课时请让本页面留在前台；离开不超过 1 分钟不受影响。' },
  doubt: {
    list: '待核实', waiting: '待核实 {n}', none: '没有需要核实的签到', noneDetail: '可疑的签到会列在这里，由您了解情况后确认或排除。系统不会自动处罚任何人。', lead: '请向本人和会场了解情况。确认不在场的，再用“更正”修改考勤。', confirm: '确认不在场', dismiss: '排除疑点', confirmAsk: '确认 {name} 的签到有问题？', dismissAsk: '排除 {name} 的疑点？', will: '结论和理由会记录在案，签到本身不变。', reason: '了解到的情况', needReason: '请写明了解到的情况。',
    never: '没有签到成功', found: { confirmed: '已确认有问题', dismissed: '已排除' }, by: '{r} · {name} · {t}', level: { strong: '凭证充分', fair: '凭证一般', weak: '凭证薄弱' }, network: { yes: '在会场网络', no: '不在会场网络' }, latency: '码显示 {s} 秒后使用', present: '在线 {p} %',
  },
  network: { set: '签到网络', title: '{name}的签到网络', detail: '来自这些网络的签到，凭证为充分。不填则不作判断；用手机流量签到照常有效。', text: '网络地址', hint: '每行一个，例如 192.168.8.0/24。', shares: '共用设备签到', sharesDetail: '会场的人可以在同一台设备上依次登录签到。', save: '保存', none: '未设置', column: '签到网络' },
  correction: {
    list: '更正', waiting: '更正待复核 {n}', none: '没有更正', noneDetail: '在人员列表里按“更正”可以修改某人的考勤；原记录和每次更正都会保留。', correct: '更正', ask: '更正 {name} 的考勤', will: '现在是“{s}”。签到和在线记录保持原样，更正另记一条，并注明由您提出。', willTwo: '现在是“{s}”。须由另一人复核后生效。', to: '更正为', reason: '理由', needReason: '请写明理由。', save: '提交更正',
    from: '{a} → {b}', states: { waiting: '待复核', holds: '已生效', declined: '未通过' }, by: '{name} 提出 · {t}', decided: '{name} 复核：{a}', approve: '复核通过', decline: '不通过', approveAsk: '复核通过这项更正？', declineAsk: '不通过这项更正？', answer: '意见', needAnswer: '请填写意见。', fine: '情况属实', mark: '已更正',
  },
  helped: { reason: '协助原因', reasonHint: '例如：没有智能手机、手机没电。可不填。' },
  way: { qr: '扫码签到', code: '签到码签到', phone: '手机签到', assisted: '协助签到', kiosk: '自助签到' },
  outcome: { present: '实到', late: '迟到', left_early: '早退', on_leave: '请假', absent: '缺席' },
  rates: { ofExpected: '实到/应到', ofDue: '实到/（应到−准假）', onLeave: '准假' },
}
