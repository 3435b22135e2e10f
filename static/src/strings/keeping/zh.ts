/** Words of keeping recordings; they travel with its cards. */
export default {
  keeping: {
    title: '录像保存', classes: { ordinary: '常规', important: '重要', permanent: '永久' }, places: { local: '本机数据目录', object: '对象存储（S3）' },
    lead: '每个录像按类别保存：到期后由每天的清理自动删除，法定保全、未核定的课程和仍可补学的录像不动。改动立即生效，并记入审计日志。', forEver: '永久保存', days: '{n} 天', setBy: '{name} 于 {t} 设定：{reason}', usual: '初始设定', due: '今天将删除 {n} 个', kinds: '默认用于：{kinds}', noKinds: '没有默认用于任何类型',
    change: '修改', cancel: '取消', keepDays: '保存天数', keepHint: '不少于 {n} 天，从学时核定之日起算。', place: '存放位置', noStore: '没有配置对象存储；由系统管理员设置 DANGXIAO_S3_ENDPOINT 等。', reason: '理由', reasonHint: '记入审计日志，例如依据的制度。', look: '看看会怎样',
    ask: '把“{what}”类改为保存 {days}？', askKind: '“{kind}”的录像默认改为“{what}”类？', askDetail: '改后今天的清理将删除 {n} 个录像，不能恢复。考勤、学时和证据摘要不受影响。', askYes: '确认修改', kindTitle: '各类课程默认的类别', kindDetail: '没有单独指定类别的录像立即按新类别计算到期日。',
    of: '类别：{what}（{days}）', byKind: '随课程类型', goes: '{t} 到期，由清理自动删除', never: '不会自动删除', unsettled: '学时核定后开始计算', held: '处于法定保全，不会被删除', needed: '还有人可以用它补学，暂不删除', other: '更改类别', toKind: '随课程类型', thenAtOnce: '按这个类别，保存期已过，今天的清理就会删除这个录像', thenAtOnceDetail: '删除后不能恢复；考勤、学时和证据摘要不受影响。', remove: '删除录像', removeAsk: '删除这个录像？', removeDetail: '画面和声音立即不能再看，随后从磁盘清除，不能恢复。签到与考勤、学时、补学记录及其证据摘要、互动与提问都保留；清单首行保留，核验时会说明何时按何规则删除。已导出的文件按其期限保留。', removeYes: '永久删除', save: '保存',
    moving: '正在移往所属类别的存放位置：{n} %', movingLater: '移往所属类别的存放位置未成，稍后自动再试：{why}', gone: '录像已于 {t} 删除', goneBy: '{name}：{why}', goneRule: '按保存类别到期删除（{why}）', goneDetail: '考勤、学时和证据摘要仍在课程页。',
  },
}
