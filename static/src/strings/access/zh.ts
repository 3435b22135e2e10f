/** Words of accounts and first logins; they travel with the parts that show them. */
export default {
  access: {
    code: '激活码或现场码', codeHint: '激活码 12 位，现场码 6 位，都是数字。', needCode: '请输入 6 位或 12 位数字。', next: '下一步', new: '设置新密码', newHint: '至少 {n} 位，不用编号、姓名和连续数字；几个词连在一起最好记。', needNew: '密码至少 {n} 位。', set: '设置密码并登录',
    right: '验证码正确', rightDetail: '请为自己设置登录密码，以后用编号和密码登录。', ask: '没有验证码？请向本支部书记要：在现场可要一个 6 位现场码，马上就能用。',
    title: '账号与首次登录', lead: '给还没有密码或忘记密码的人发验证码。激活码可打印分发，本人用它设置密码；现场码几分钟内有效，本人在手机上输入后马上登录。', none: '没有符合条件的账号', noneDetail: '请换一个条件再找。', unit: '党组织', everyUnit: '全部党组织', words: '编号或姓名', waiting: '还没有密码的', find: '查找', more: '更多', forbidden: '这里由支部书记和管理员使用', forbiddenDetail: '您的账号没有发放验证码的权限。',
    number: '编号', states: { disabled: '已停用', waiting: '未设密码', sent: '激活码待用', active: '可以登录' }, until: '{t} 前有效',
    door: '现场码', activation: '激活码', issueDoor: '发现场码', issueActivation: '发激活码', doorFor: '{name} 的现场码', activationFor: '{name} 的激活码', doorWhat: '请本人在手机登录页选“用验证码登录”，输入编号和这六位数字。只给 {name} 一人使用。', activationWhat: '请把激活码交给 {name} 本人。用它设置密码后，原来的登录全部失效。', left: '还有 {m} 分 {s} 秒有效', over: '已失效，请重新发', again: '重新发一个', doorAsk: '现场核对本人后再发。旧的现场码同时失效。', activationAsk: '本人原来的密码继续有效，直到用激活码设置了新密码。旧的激活码同时失效。',
    many: '给选中的 {n} 人发激活码', list: '激活码清单', listLead: '打印后裁开分发，每张只交给本人。关闭后不能再次查看，只能重新发。', print: '打印', done: '完成', slip: '打开登录页 {url}，选“用验证码登录”，输入编号和激活码，然后设置密码。{t} 前有效，只能用一次。',
  },
}
