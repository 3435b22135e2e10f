/** Words of 审计; they travel with that page. */
export default {
  audit: {
    title: '审计日志', lead: '每次更改、登录和被拒绝的越权操作都记在这里，逐条哈希相连，只能追加。', forbidden: '这里由审计管理员使用', forbiddenDetail: '您的账号没有查阅审计日志的权限。',
    since: '从', until: '到', who: '账号编号', what: '对象或内容', noun: '操作', everyNoun: '全部操作', result: '结果', everyResult: '全部结果', done: '成功', refused: '被拒绝', find: '查找', clear: '清除筛选', csv: '导出 CSV', jsonl: '导出 JSON', exported: '导出本页筛选出的记录，最多最近 2 万条；导出本身也会记一条。',
    at: '时间', by: '人员', from: '地址', none: '没有符合条件的记录', noneDetail: '换个条件，或清除筛选。', more: '更早的记录', stranger: '未登录者', house: '系统',
    nouns: { session: '登录与密码', accounts: '账号与角色', codes: '发验证码', members: '人员', units: '党组织', imports: '导入名单', roster: '应到名单', signins: '签到', leaves: '请假', corrections: '更正考勤', findings: '核实签到', venues: '会场', quizzes: '测验', bank: '题库', materials: '资料', recordings: '录像', credit: '学时', reviews: '复核', lessons: '课程', audit: '审计日志', imported: '名单导入结果', other: '其他' },
    details: '第 {n} 条', about: '对象', request: '请求编号', login: '登录标识', hash: '本条哈希', action: '操作代码', erased: '内容已依申请删除，哈希仍可核验。', code: '结果代码',
    head: '日志末尾', headLine: '第 {n} 条', headWhat: '这一串数字由全部记录推算而来。请定期抄下来放在别处，以后核验时填入“以前抄下的末尾”，就能证明之前的记录一条也没有改动。', copy: '复制', copied: '已复制', headCut: '前 {n} 条已按保存期限清理。',
    check: '核验整条日志', noted: '以前抄下的末尾（可不填）', notedHint: '64 位数字和字母。', needHash: '应为 64 位数字和小写字母。', run: '开始核验', stop: '取消', running: '正在核验 {p}%', leave: '可以离开本页，结果会留在这里，也会记入日志。',
    sound: '完好：核验了 {n} 条', broken: '日志有误', brokenAt: '第 {n} 条：{text}', advice: '请保留数据库现状，不要再做更改，并与最近一份核验通过的备份比对。', cancelled: '已取消', failed: '没有完成', checked: '{name} · {t}', checks: '核验记录', noChecks: '还没有核验过', soundHead: '末尾 {h}', erasedCount: '其中 {n} 条的内容已依申请删除。',
    heads: '学时账每日账头', headsWhat: '每天记一次学时账的末尾。请定期下载，存到别处：谁改了学时账，也改不了您手里的这一份。', headsDay: '日期', headsCount: '账上条数', headsHash: '账头', headsCopy: '复制 {d} 的账头', headsCsv: '下载账头（CSV）', headsMore: '更早的账头', headsNone: '还没有账头：学时账里有了第一条以后，每天记一次。',
    headsNoted: '核对以前存下的账头', headsNotedHint: '粘贴 64 位账头，或表里的一整行。', headsNeed: '没有找到 64 位的账头，请只粘贴一个。', headsCheck: '核对', headsFound: { held: '相符：账上记到第 {n} 条时，账头就是它', changed: '不符：账上第 {n} 条已被改动或删除', unknown: '账上没有这个账头' },
    headsThen: { held: '这里只重新推算了这一条；整本账请由系统管理员运行 dangxiao ledger verify --noted 账头。', changed: '请保留数据库现状，由系统管理员运行 dangxiao ledger verify，并与最近一份核验通过的备份比对。', unknown: '可能抄错，也可能学时账被整体改写过。请对照原来的文件再核对一次；仍然没有，请保留数据库现状，与备份比对。' },
  },
}
