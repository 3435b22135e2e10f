/** Words of accounts and first logins; they travel with the parts that show them. */
export default {
  access: {
    code: '激活码或现场码', codeHint: '激活码 12 位，现场码 6 位，都是数字。', needCode: '请输入 6 位或 12 位数字。', next: '下一步', new: '设置新密码', newHint: '至少 {n} 位，不用编号、姓名和连续数字；几个词连在一起最好记。', needNew: '密码至少 {n} 位。', set: '设置密码并登录',
    right: '验证码正确', rightDetail: '请为自己设置登录密码，以后用编号和密码登录。', ask: '没有验证码？请向本支部书记要：在现场可要一个 6 位现场码，马上就能用。',
    entering: '正在登录…', otherWay: '换一种方式登录', title: '账号与首次登录', lead: '给还没有密码或忘记密码的人发验证码。激活码可打印分发，本人用它设置密码；现场码几分钟内有效，本人在手机上输入后马上登录。', none: '没有符合条件的账号', noneDetail: '请换一个条件再找。', unit: '党组织', everyUnit: '全部党组织', words: '编号或姓名', waiting: '还没有密码的', find: '查找', more: '更多', forbidden: '这里由支部书记和管理员使用', forbiddenDetail: '您的账号没有发放验证码的权限。',
    number: '编号', states: { disabled: '已停用', waiting: '未设密码', sent: '激活码待用', active: '可以登录' }, until: '{t} 前有效',
    door: '现场码', activation: '激活码', issueDoor: '发现场码', issueActivation: '发激活码', doorFor: '{name} 的现场码', activationFor: '{name} 的激活码', doorWhat: '请本人在手机登录页选“用验证码登录”，输入编号和这六位数字。只给 {name} 一人使用。', activationWhat: '请把激活码交给 {name} 本人。用它设置密码后，原来的登录全部失效。', left: '还有 {m} 分 {s} 秒有效', over: '已失效，请重新发', again: '重新发一个', doorAsk: '现场核对本人后再发。旧的现场码同时失效。', activationAsk: '本人原来的密码继续有效，直到用激活码设置了新密码。旧的激活码同时失效。',
    many: '给选中的 {n} 人发激活码', list: '激活码清单', listLead: '打印后裁开分发，每张只交给本人。关闭后不能再次查看，只能重新发。', print: '打印', done: '完成', slip: '打开登录页 {url}，选“用验证码登录”，输入编号和激活码，然后设置密码。{t} 前有效，只能用一次。',
    second: '动态验证码', secondHint: '验证器应用现在显示的 6 位数字，或一个 10 位恢复码。', secondNow: '验证器应用现在显示的 6 位数字。',
    idle: '{s} 秒后将退出登录', idleDetail: '已有一段时间没有操作。点“继续”保持登录，页面上的内容不会丢失。', goOn: '继续', ended: '已因长时间未操作退出登录', endedDetail: '{name}，请输入密码继续，页面上的内容还在。', backIn: '继续工作', other: '换人登录',
    mine: '我的账号', setFirst: '设置登录密码', change: '修改密码', old: '原密码', save: '保存密码', changed: '密码已修改', changedDetail: '其他设备上的登录已全部退出。',
    sessions: '登录的设备', sessionsLead: '不认识的设备请退出，并修改密码。', unknownDevice: '未知设备', from: '地址 {a}', usedAt: '{t} 使用', here: '本机', end: '退出',
    factor: '动态验证码（两步登录）', factorMust: '您的角色必须开启', factorMustDetail: '开启之前，其他页面不能使用。', factorLead: '开启后，登录时除密码外还要输入手机验证器应用显示的六位数字。', factorOn: '已开启，还有 {n} 个恢复码可用。', turnOn: '开启', turnOff: '关闭', scan: '用手机的验证器应用扫描，或手工输入下面的密钥，再输入它显示的数字。', scanAlt: '验证器用的二维码', confirmFactor: '确认开启', recovery: '请抄下恢复码', recoveryDetail: '手机不在身边时，每个恢复码可登录一次。只显示这一次。', kept: '已抄好',
    rolesTitle: '账号与角色', rolesLead: '授予和收回角色、退出他人的登录、停用账号。系统、安全、审计三员必须由不同的账号担任，自己的角色由另一位安全管理员办理。', securityOnly: '这里由安全管理员使用', securityOnlyDetail: '您的账号没有管理角色的权限。', neverUsed: '从未登录', edit: '办理', ownRoles: '自己的角色请由另一位安全管理员办理。', roleLabel: '角色', give: '授予', take: '收回', takeAsk: '收回 {name} 的“{role}”？', takeDetail: '正在使用该角色的页面会在半分钟内失去权限。', endAll: '退出全部登录', endAllAsk: '退出 {name} 的全部登录？', endAllDetail: '本人需要重新登录；正在观看和推流的连接同时结束。', lift: '解除动态验证码', liftAsk: '解除 {name} 的动态验证码？', liftDetail: '请先核对本人。全部登录同时退出。', disable: '停用', enable: '启用', disableAsk: '停用 {name} 的账号？', enableAsk: '启用 {name} 的账号？', disableDetail: '停用后立即退出，不能再登录；历史记录不变。', yes: '确定', privacy: '隐私与个人信息',
    held: '{r}（{u}）',
    role: { system_admin: '系统管理员', security_admin: '安全管理员', audit_admin: '审计管理员', school_admin: '党校管理员', director: '会控', lecturer: '讲师', secretary: '支部书记', venue_operator: '会场操作员', member: '党员' },
  },
}
