/** Words of 组织与人员; they travel with that page. */
export default {
  org: {
    title: '组织与人员', tree: '党组织', everybody: '全部人员', unitKinds: { committee: '党委', general_branch: '党总支', branch: '党支部' },
    founded: '{d} 成立', until: '自 {d} 起撤销', people: '{n} 人', unusual: '正式和预备党员人数不在惯例的 {least}–{most} 人内，仅作提示', unusualLeast: '正式和预备党员不足惯例的 {least} 人，仅作提示',
    tabs: { people: '人员', groups: '党小组', rules: '规则', history: '变动记录' },
    found: '新设下级组织', rename: '改名', move: '调整隶属', end: '撤销', enrol: '新增人员', find: '姓名、拼音、首字母或编号', kind: '人员类别', allKinds: '全部类别', standing: '状态', group: '党小组', allGroups: '全部党小组', noGroup: '不编入党小组', phone: '联系电话', number: '编号', name: '姓名', unit: '党组织', since: '自哪一天起', until_: '到哪一天止', untilHint: '还不确定就留空。', note: '说明', noteHint: '例如：转往外省、项目组借用。',
    standings: { belonging: '在册', lent: '借调在外', borrowed: '借调在本单位', coming: '即将转入', ended: '已结束' }, count: '共 {n} 人',
    none: '没有符合条件的人员', noneDetail: '换个条件，或清除筛选。', empty: '这里还没有人员', emptyDetail: '新增人员后，他们会列在这里，并计入以后各场课的应到。', call: '拨打 {p}', lentTo: '借调到 {u}', borrowedFrom: '借自 {u}', more: '更多',
    endings: { moved_away: '组织关系转出', left: '离开本单位', died: '去世', withdrawn: '出党或退出培养', mistaken: '误录', other: '其他' }, ending: '原因',
    act: { kind: '变更类别', unit: '转到其他组织', loan: '借调', back: '结束借调', end: '结束组织关系', edit: '修改资料', again: '重新转入' },
    ask: {
      found: '在“{u}”下新设组织', rename: '“{u}”改名', move: '调整“{u}”的隶属', end: '撤销“{u}”？', enrol: '新增人员', kind: '变更 {m} 的类别', unit: '把 {m} 转到其他组织', loan: '借调 {m}', back: '{m} 结束借调', leave: '结束 {m} 的组织关系', edit: '{m} 的资料', group: '党小组', dropGroup: '解散“{g}”？', rule: '规则新版本',
    },
    ends: { roles: '随之终止的角色：', role: '{r}（{u}）', login: '登录账号停用，{n} 处登录和未用的验证码一并失效；重新加入组织后账号恢复，角色需重新授予。', last: '此人是最后一位{r}，请先授予另一人同样的角色。' },
    will: {
      found: '自 {d} 起，“{a}”隶属“{b}”。', rename: '自 {d} 起改称“{a}”；此前的报表仍写“{b}”。', move: '自 {d} 起隶属“{a}”；以前的报表不变，仍按原隶属。', end: '自 {d} 起不再使用；以前的课程、签到和学时都保留。请先把下级组织和人员转走。', enrol: '自 {d} 起计入“{a}”的应到；登录账号同时建好，还没有密码，凭激活码首次登录。', kind: '自 {d} 起按“{a}”计入应到；以前的名单不变。', unit: '自 {d} 起计入“{a}”的应到；以前的名单和学时不变。', loan: '自 {d} 起借调到“{a}”，除非规则另有规定，就在那里应到；组织关系不变，原支部注明借调。', back: '自 {d} 起回原支部应到。', leave: '自 {d} 起不再计入应到，借调同时结束；以前的签到和学时都保留。', edit: '姓名立即更改；已开过签到的课，名单上仍是当时的姓名。', editOwn: '联系电话只有书记和管理员能看到。', group: '党小组是支部内部的分组，不影响应到和报表。', dropGroup: '组内人员不再编入党小组，其他不变。', rule: '自 {d} 起对本组织和全部下级有效，直到有新的规则。',
    },
    earliest: '今天已有课开过签到，最早从 {d} 起。', needName: '请填写名称。', needNumber: '请填写编号（字母、数字和 . _ - : ,）。', needPerson: '请填写姓名。', needUnit: '请选择党组织。', needDay: '请选择日期。', badPhone: '只能填写数字和 + - ( ) * #。', leader: '组长', noLeader: '暂不设组长', pickUnit: '请选择', save: '确认', kindOfUnit: '组织类别',
    groups: { none: '还没有党小组', noneDetail: '党小组是支部内部的分组，可按岗位或班组划分。', add: '新建党小组', change: '修改', drop: '解散', leader: '组长：{n}', see: '查看人员', only: '党小组设在党支部内。' },
    rules: { loans: '借调人员在哪里应到', host: '借调单位', home: '原支部', sizes: '惯例人数', from: '至少', to: '至多', toHint: '留空表示不限', inForce: '现行规则', usual: '系统默认', of: '来自“{u}”，自 {d} 起', own: '本组织的规则', change: '制定新规则', range: '{least}–{most} 人', open: '{least} 人以上' },
    history: { none: '还没有变动', since: '自 {d} 起', names: '名称', parents: '隶属', top: '最上级', units: '组织关系', kinds: '类别', loans: '借调', now: '至今', changes: '办理记录' },
    did: {
      unit_founded: '新设“{name}”，隶属“{parent}”', unit_renamed: '由“{from}”改称“{to}”', unit_moved: '由“{from}”改隶“{to}”', unit_dissolved: '撤销“{name}”', unit_rule: '制定规则', group_added: '新建党小组“{name}”', group_changed: '修改党小组“{name}”', group_dropped: '解散党小组“{name}”', member_enrolled: '{name} 编入“{unit}”', member_changed: '修改 {name} 的资料', member_kind: '{name}：{from} → {to}', member_transferred: '{name} 由“{from}”转到“{to}”', member_ended: '{name} 结束组织关系：{ending}', member_lent: '{name} 借调到“{unit}”', member_returned: '{name} 结束在“{unit}”的借调',
    },
    changed: '这里刚被别人改过，已重新读取，请再试一次。',
  },
  imports: {
    title: '导入名单', lead: '先核对，再确认。核对时什么都不改变，有一处错误就一个人也不导入。同一份表重复导入不会重复建人。', forbidden: '这里由党校管理员使用', forbiddenDetail: '您的账号没有修改人员的权限。',
    one: '一、下载模板，填好名单', oneDetail: '每人一行。也可以用已有的表，只要有“工号、姓名、党组织、人员类别”这几列。', template: '下载模板', two: '二、选择文件，开始核对', twoDetail: 'Excel 或 CSV，最大 16 MB。把文件拖到这里也可以。', three: '三、看清结果，确认导入', threeDetail: '核对后会列出新增、转入、离开的人，以及每一处错误的单元格和原因。确认之前随时可以放弃。',
    since: '生效日期', sinceHint: '表中没有写日期的，从这一天起算；留空就是今天。', choose: '选择文件', sending: '正在上传 {p}%', checking: '正在核对…', stop: '取消', unfit: { type: '请选择 Excel（xlsx、xls、ods）或 CSV 文件。', size: '文件超过 16 MB，请拆成几份。', empty: '这个文件是空的。' },
    before: '导入记录', none: '还没有导入过', noneDetail: '导入的每一份名单都记在这里，离开本页后也能回来继续。', by: '{name} · {t}', errors: '{n} 处错误', people: '共 {m} 行，涉及 {n} 人',
    states: { wrong: '有错误', waits: '待确认', same: '没有变化', applying: '导入中 {p}%', done: '已导入', failed: '未完成', cancelled: '已取消' },
    holds: '未写日期的从 {d} 起', again: '改好后重新上传', apply: '确认导入', applyMany: '确认导入 {n} 人', applyAsk: '导入这 {n} 人？', applyWill: '没有写日期的变动从 {d} 起生效，以前的名单和学时不变。要么全部导入，要么一个也不变。', cancel: '放弃', cancelAsk: '放弃这次导入？', cancelWill: '不改变任何人，名单需要重新上传。',
    going: '正在导入 {p}%', leave: '可以离开本页，导入会继续，结果记在“导入记录”里。全部写完之前，其他人看到的仍是原来的名单。', done: '已导入，涉及 {n} 人', codes: '新增的 {n} 人还没有密码，请给他们发激活码。', toCodes: '发激活码', failedDetail: '没有改变任何人。请重新上传，再核对一次。',
    wrong: '有 {n} 处错误，一个人也没有导入', wrongDetail: '请在原表中按下面的单元格改好，再重新上传。', download: '下载错误清单', fine: '核对无误，等待确认：涉及 {n} 人', fineDetail: '现在还没有改变任何人。', same: '名单与现有人员一致', sameDetail: '没有需要导入的变化。', ignored: '这些列没有用到',
    rows: '名单行数', counts: { created: '新增', moved: '转入', left: '离开', changed: '资料变更', unchanged: '不变', absent_count: '不在名单中', errors: '错误' }, issues: '错误', changes: '会改变的人员', first: '显示前 {n} 条', cell: '单元格', value: '内容', blank: '（空）', reason: '原因', what: '变化', comma: '、',
    ending: '导入后将失去角色或登录的人（{n}）', ended: '随之失去角色或登录的人（{n}）', ends: '随之结束的角色与登录', roleEnds: '结束的角色', login: '登录', loginEnds: '停用', loginStays: '保留', noRole: '没有角色', from: '从这一天', stopDetail: '现在还没有改变任何人。请先另行任命，或在表中改好这个人，再重新上传。', applyEnds: '其中 {n} 人的角色或登录随之结束。',
    steps: { created: '新增', moved: '转入', left: '离开', kind: '类别', name: '姓名', group: '党小组', phone: '手机' }, absent: '所涉党组织中有 {n} 人不在名单里，保持不变',
  },
}
