/** Words of the page about people's data. */
export default {
  privacy: {
    title: '隐私与个人信息', lead: '每一步都记入审计日志。', closed: '这里由系统、安全、审计和党校管理员使用', closedDetail: '您的账号没有查看这里的权限。',
    consent: '同意书', consentLead: '每个人登录后先阅读并同意，再进入其他页面；会场设备不需要同意。发布新版后，每个人下次打开页面时重新阅读。', none: '还没有发布同意书，登录时不询问任何人。', accepted: '{n} / {all} 人已同意', version: '第 {n} 版', by: '{t} 由 {name} 发布', write: '编写新版', first: '编写第一版', text: '正文（中文）', textEn: '英文（可不填）', hint: '请写明收集哪些信息、用途、保存期限、谁能看到，以及联系谁查询、更正或删除。可从下面的范本改起。', publish: '发布', publishAsk: '发布第 {n} 版同意书？', publishDetail: '发布后不能修改或撤回，只能再发新版。每个人下次打开页面时都要重新同意；正在上课的人不受影响。', cancel: '取消', yes: '发布', show: '查看全文', hide: '收起',
    mine: '我的数据', mineLead: '把系统里关于您的信息整理成一个文件：每类一份 JSON，附一页说明可直接阅读。不含密码和他人的信息。', exportMine: '导出我的数据', exported: { queued: '等待导出', running: '正在导出 {n}%', done: '已生成', failed: '没有完成', cancelled: '已取消' }, expires: '{t} 删除', load: '下载', stop: '取消', because: '{r}（{name}）',
    eraseMine: '注销', eraseLead: '申请后由安全管理员核对并决定。注销后不能再登录；学时和考勤以代号保留。', ask: '申请注销', askTitle: '申请注销您的账号？', askDetail: '提交后不会立即注销，由安全管理员决定；决定之前可以撤回。', askYes: '提交申请', withdraw: '撤回申请', asked: { asked: '{t} 已申请，等待办理', withdrawn: '{t} 已撤回', refused: '{t} 未同意', done: '{t} 已注销' },
    requests: '注销申请', noRequests: '没有注销申请。', decide: '办理', person: '按编号办理', personLead: '导出某人的数据、设置法定保全，或注销此人。每一步都要写明理由，并记入审计日志。', number: '登录编号', reason: '理由', reasonHint: '例如：本人书面申请，编号 2026-03', exportOf: '导出此人的数据', hold: '设置法定保全', erase: '注销此人', holds: '法定保全', holdsLead: '保全期间不能注销。', lift: '解除', lifted: '{t} 已解除',
    eraseTitle: '注销 {name}（{number}）？', eraseDetail: '姓名换成代号，电话、地址、设备、登录和本人填写的内容全部清除，立即退出，不能恢复。学时账、考勤数字和审计日志保留并仍可核验；录像到期整段删除。', confirm: '请输入编号 {number} 确认', refuse: '不同意', eraseYes: '注销，不能恢复',
    sample: '为组织学习、签到和核定学时，本系统会使用您的以下信息：\n1. 姓名、编号、所属党组织、联系电话：由本单位名册提供，用于确认应到人员和联系您。\n2. 签到时间、方式、设备和网络地址，在线时段和随机确认：用于核定出勤和学时。\n3. 作答、提问、聊天和举手：用于教学，讲师和会务可以看到。\n4. 发言时的画面和声音：上课录像时会一并录下。\n\n本系统不采集位置，不做人脸识别，不公开排名。各类信息按规定期限保存，到期清理。\n您可以在“我的账号”查看自己的登录记录。查询、更正或删除个人信息，请联系本支部书记或安全管理员。\n本系统为非涉密系统，严禁传输涉密信息。',
  },
}
