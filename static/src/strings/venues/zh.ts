/** Words of venues, their devices and the kiosk; they travel with the parts that show them. */
export default {
  pairing: {
    title: '把这台电脑设为会场屏幕', lead: '请会场操作员或党校管理员在“管理 · 会场”里打开本会场，选择“配对设备”，输入这八个字母。', scan: '或用已登录的手机扫码', left: '{t} 后自动换新的配对码', asking: '正在取配对码…', other: '用账号登录', waits: '开放签到后自动进入会场画面', next: '下一场课', none: '还没有排定的课', noneDetail: '排课后会显示在这里，无需操作。', enter: '进入会场画面', notHere: '当前账号不是会场设备', notHereDetail: '要把这台电脑设为会场屏幕，请先退出登录。', logout: '退出并配对', home: '回到首页',
  },
  devices: {
    title: '会场设备', lead: '配对后的电脑只能用于本会场的画面，不用任何人的账号。', pair: '配对设备', pairTitle: '为“{v}”配对设备', pairDetail: '在会场电脑上打开 {u}，把屏幕上的八个字母填在这里。请站在这台电脑前操作：别人发来的配对码或链接不要填，否则外人会以本会场的身份进来。', code: '配对码', codeHint: '八个字母，不分大小写。', needCode: '请填写屏幕上的八个字母。', name: '设备名称', nameHint: '例如：讲台电脑、备用笔记本。', needName: '请填写设备名称。', usual: '会场电脑', found: '这台设备：{b}，地址 {a}，{t} 显示此码', inside: '地址属于本会场网络。请与会场电脑核对后配对。', outside: '地址不在本会场网络内，可能不是会场的电脑。请站在电脑前核对，不确定就不要配对。', noNetwork: '本会场没有设置网络，无法比对地址。请站在会场电脑前核对后配对。', sure: '核对无误，配对', look: '下一步', none: '还没有配对的设备', noneDetail: '没有账号的会场电脑，用配对码即可登录。', used: '最近使用 {t}', unused: '尚未登录', by: '{n} 于 {t} 配对', revoked: '{n} 于 {t} 解除', gone: '已解除', active: '可用', revoke: '解除', revokeAsk: '解除“{n}”？', revokeWill: '它立即退出，画面和声音马上断开；要再用须重新配对。', choose: '选择要配对的会场', chooseDetail: '配对码 {c}：请点开这台电脑所在的会场。如果不是你刚从面前的屏幕上扫的，请离开本页。',
  },
  kiosk: {
    title: '自助签到', lead: '没有手机？请输入工号，或姓名拼音的首字母。', example: '例如：10086，或 ZJM（张建明）', typed: '已输入', empty: '请输入', delete: '删除', find: '查找', keys: '方向键移动，Enter 确定，也可直接用键盘输入', none: '没有找到', noneDetail: '请核对后重新输入。不在本会场名单上的，请找会场操作员协助签到。', more: '还有同名首字母的人，请输入工号查找。', choose: '请选择您自己', here: '已签到', back: '重新输入', ask: '您是 {name} 吗？', yes: '是，签到', no: '不是', done: '{name}，已签到', doneAt: '{t} · {v}', late: '{t} · {v} · 迟到', before: '{name}，您已经签过到了', idle: '{s} 秒后返回', next: '下一位', close: '关闭自助签到', closeAsk: '关闭自助签到？', closeWill: '屏幕回到会场画面；需要时可再打开。', stay: '继续自助签到',
  },
  operators: {
    title: '会场操作员', lead: '他们用自己的账号在本会场协助签到、应答点名、查看设备自检。', assign: '指定操作员', assignTitle: '为“{v}”指定操作员', assignWill: '从起始日起，此人可以看到本会场的课和应到名单，为到场的人协助签到。', none: '还没有指定操作员', noneDetail: '指定后，此人登录首页就能看到“我的会场”。', noneAsk: '由党校管理员、会控或本支部书记指定。', state: { current: '现任', coming: '未开始', former: '已结束' }, disabled: '账号已停用',
    since: '{a} 起', between: '{a} 至 {b}', sameDay: '{a} 当天指定、当天结束', by: '由 {n} 指定', endedBy: '由 {n} 结束', formerN: '历任操作员（{n}）', find: '姓名或编号', findHint: '在您负责的党组织里查找。', needPerson: '请查找并选择一个人。', nobody: '没有找到。请核对姓名或编号；外单位的人请党校管理员指定。', other: '换人', from: '起始日', fromHint: '不填：从今天起。', last: '最后一天（含当天）', lastHint: '不填：长期有效。', past: '不能早于今天。', order: '不能早于起始日。', save: '指定',
    end: '结束', endAsk: '结束 {n} 的操作员安排？', endWill: '结束后，此人立即不能再操作本会场；已经办理的签到都保留。', endHint: '不填：立即结束。', withdraw: '撤回', withdrawAsk: '撤回 {n} 的操作员安排？', withdrawWill: '它还没有开始，撤回后不再生效，变动记录里仍可查到。', byDay: '系统（到期）',
  },
  registry: {
    add: '新增会场', addTitle: '新增会场', edit: '修改', editTitle: '修改“{n}”', find: '会场名称或地点', allUnits: '全部党组织', state: '状态', inUse: '使用中', retiredOnes: '已停用', retired: '已停用', unit: '所属党组织', name: '会场名称', room: '地点', roomHint: '例如：办公楼 301。', seats: '座位数', seatsHint: '超出时只作提示，不限制人数。', notes: '备注', notesHint: '例如：投影在左侧、钥匙在门卫处。', save: '保存', needName: '请填写会场名称。', needRoom: '请填写地点。', needSeats: '请填写 0 到 5000 之间的整数。', needUnit: '请选择党组织。', retire: '停用', retireAsk: '停用“{n}”？', retireWill: '新排的课不能再选它；已排的课、签到和历史都保留，可随时恢复。', restore: '恢复使用', devices: '{n} 台设备', noDevices: '未配对', operators: '今天的操作员', noOperators: '还没有指定', history: '变动记录', noHistory: '还没有变动', none: '没有符合条件的会场', noneDetail: '换个条件，或清除筛选。', count: '共 {n} 个', column: '设备',
    kinds: { added: '新增会场', changed: '修改', retired: '停用', restored: '恢复使用', network: '签到网络', device_paired: '配对设备“{n}”', device_revoked: '解除设备“{n}”', operator_assigned: '指定操作员 {n}', operator_ended: '结束操作员 {n}', operator_withdrawn: '撤回操作员 {n}' }, fields: { name: '名称', room: '地点', seats: '座位数', notes: '备注', retired: '状态', networks: '网络', shares_device: '共用设备' }, from: '{f}：{a} → {b}', yes: '是', no: '否',
  },
}
