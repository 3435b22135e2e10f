/** Words of 校外学时; they travel with its parts. */
export default {
  outside: {
    title: '校外学时', lead: '在别处参加的培训，附证明材料登记，由支部书记确认后记入学时。', enter: '登记校外学时', none: '还没有登记校外学时', state: { asked: '待确认', confirmed: '已确认', refused: '已退回', withdrawn: '已撤回', revoked: '已收回' },
    what: '学习内容', whatHint: '例如：安全生产管理培训班', organiser: '举办单位', organiserHint: '由谁举办、证明由谁出具', day: '学习日期', dayHint: '跨多天写最后一天；计入这一天所在的年度', hours: '学时', hoursHint: '例如 4 或 4.5', who: '学员', proof: '证明材料', proofHint: 'PDF、JPG 或 PNG，10 MB 以内；拍照的请让字迹清楚',
    needWhat: '请写明学了什么。', needOrganiser: '请写明举办单位。', badDay: '请选去年 1 月 1 日至今天之间的日期。', badHours: '请填 0.01 至 100，最多两位小数。', needProof: '请选择证明材料。', needWho: '请选择学员。',
    choose: '选择文件', change: '换一个文件', sending: '正在上传 {p}%', stop: '停止', ready: '已上传', unfit: { type: '请选择 PDF、JPG 或 PNG 文件', size: '文件超过 10 MB，请压缩后再选', empty: '文件是空的' },
    save: '提交，等待确认', saved: '已提交，等待支部书记确认。', withdraw: '撤回', withdrawAsk: '撤回这条登记？', withdrawDetail: '撤回后不再等待确认；需要时可以重新登记。', addProof: '补证明材料', again: '重新登记',
    enteredBy: '{name} 于 {t} 登记', decided: { confirmed: '{name} 于 {t} 确认', refused: '{name} 于 {t} 退回', revoked: '{name} 于 {t} 确认', withdrawn: '已于 {t} 撤回' }, answer: '说明：{a}', noProof: '还没有证明材料', keptProof: '证明材料由支部统一保存', goneProof: '证明材料的保存期限已过，摘要 {h}', entry: '学时账第 {n} 条', digest: '证明摘要 {h}', correctedTo: '更正 {h} 学时：{r}',
  },
  year: {
    question: '离年度目标还差多少？', exportMine: '导出我的全部数据', csv: '下载 {y} 年学时明细（CSV）', of: '{n} / {m} 学时', met: '已达到全年要求', short: '还差 {n} 学时', exempt: '本年度免修。', type: { lesson: '课程', make_up: '补学', micro: '微视频', outside: '校外', teaching: '授课' }, capped: '超出上限 {n} 不计', carried: '上年结转', rule: '按“{name}”第 {n} 版', reminder: '{name} 于 {t} 提醒您：当时还差 {n} 学时。', notGranted: '没有记入学时的课',
  },
  yearList: {
    title: '支部学时', list: '年度名单', year: '{y} 年', met: '已达到要求', short: '还差学时', exempt: '免修', noTarget: '这一年还没有规定学时要求，由党校在规则中设定。', remind: '提醒', remindAll: '提醒还差学时的（{n} 人）', reminded: '已提醒 {n} 人', skipped: '{n} 人近 30 天内已提醒过', last: '{t} 提醒过', nobody: '没有人员', state: { met: '已达到', exempt: '免修', unasked: '没有要求' },
    sheet: '名单确认', confirmed: '第 {v} 版，{name} 于 {t} 确认', changed: '确认之后名单有变化，请核对后重新确认。', notYet: '核对无误后确认，确认时的名单连同摘要保存，以后的变化另存新版。', confirm: '确认名单', confirmAgain: '重新确认', confirmAsk: '确认 {y} 年的名单（{n} 人）？', confirmDetail: '记录您的姓名和时间；已确认的版本不会改变。',
  },
  credited: { correction: '更正', fromTo: '{a} 学时改为 {b} 学时', why: '更正原因', by: '更正人', comesTo: '更正后', hours: '{n} 学时' },
  outsides: {
    lead: '逐条核对证明材料后确认。确认后记入学时账，更正另记一笔。', waiting: '待确认', all: '全部', none: '没有待确认的校外学时', noneDetail: '学员登记或您导入后，会列在这里。', noneAll: '还没有登记过校外学时', enter: '登记', import: '用表格导入', more: '显示更多',
    confirm: '确认', refuse: '退回', correct: '更正', own: '本人的，由上级书记或管理员确认', needsProof: '缺证明材料，补上后才能确认', confirmAsk: '确认这 {n} 条校外学时？', confirmDetail: '共 {h} 学时，记入学时账后不能修改，只能另记更正。', pick: '选择', pickAll: '全选有证明的', confirmPicked: '确认所选（{n} 条）', picked: '已确认 {n} 条',
    refuseOf: '退回 {name} 的校外学时', refuseWill: '学员会看到原因，补齐后可以重新登记。', reason: '原因', reasonHint: '例如：证明缺少公章', needReason: '请写明原因。', correctOf: '更正 {name} 的校外学时', correctWill: '原来的一笔保留，另记差额；填 0 表示全部收回。', newHours: '更正后的学时', same: '与现在相同。', see: '看证明',
    forbidden: '这个页面供书记和管理员使用', forbiddenDetail: '您的账号不能查看党组织的学时。', unit: '党组织', searchWho: '输入姓名或工号', nobody: '没有找到这个人',
  },
  outsideImport: {
    title: '导入校外学时', lead: '先核对，不改动任何数据；核对无误再登记，等待确认。同一份表重复上传不会重复登记。', template: '下载模板', choose: '选择表格', chooseHint: 'Excel、ODS 或 CSV', proofFor: '整张表共用的证明材料（可以之后再补）', sending: '正在上传 {p}%', checking: '正在核对…', entering: '正在登记…', unfit: { type: '请选择 Excel、ODS 或 CSV 表格', size: '表格超过 16 MB', empty: '表格是空的' },
    wrong: '有 {n} 处错误，没有登记任何学时', wrongDetail: '请按下面的单元格改正后重新上传。', fine: '核对无误：新登记 {n} 条，共 {h} 学时', fineDetail: '点“登记”后进入待确认名单。', same: '表里的 {n} 条都已登记过，不会重复登记。', empty: '表里没有数据行，请在模板的标题下面填写。', unchanged: '{n} 条已登记过，不再重复', ignored: '未使用的列：{c}', first: '只列出前 {n} 条', done: '已登记 {n} 条，等待确认', apply: '登记', other: '换一份表', close: '关闭', cell: '单元格', value: '内容', reason: '原因', blank: '（空）', row: '行', member: '学员', there: '已登记', differing: '{n} 条已登记，但学时与表中不同，没有改动', differingDetail: '以已登记的为准。确实要改的：还没确认的先退回，再重新登记；已确认的请用“更正”。', differs: '已登记 {h} 学时，与表中不同', fresh: '新登记',
  },
}
