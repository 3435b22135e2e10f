/** Words of 未到名单 and 签到表; they travel with that page. */
export default {
  branch: {
    title: '本场考勤', missing: '未到名单', missingN: '未到名单 {n}', sheet: '签到表', forbidden: '这个页面供书记和管理员使用', forbiddenDetail: '您的账号不能查看本场的党组织考勤。',
    everybody: '应到人员都到了，或已准假', everybodyDetail: '有人离开名单或准假撤回时，会重新列在这里。', notYet: '还没有应到名单', notYetDetail: '开放会场后，谁还没到会实时列在这里。', more: '显示更多', onlyUnit: '只看：{u}', allUnits: '看全部', toLive: '返回上课动态',
    at: '应在：{p}', loan: '借调：{u}', asked: '请假待审批', own: '本人，由其他书记或管理员登记', show: '查看号码 {p}', call: '拨打 {p}', noPhone: '未登记电话', audited: '查看号码会记入审计日志。', over: '课程已结束，联系本人了解原因后，在签到表里填写。', toLeaves: '审批请假', kiosk: '自助签到', kioskLead: '开启后，没有手机的人在会场屏幕上自己签到。', kioskIs: '已开启', kioskNot: '未开启',
  },
  sheet: {
    unit: '党组织', draft: '尚未确认', draftOver: '请核对人数、未参加原因和名单，然后确认。', waits: '下课后由支部书记确认；现在显示的是实时情况。', confirmed: '第 {n} 版已确认', confirmedBy: '{name} · {t}', changed: '考勤有更正，与第 {n} 版不一致', changedDetail: '重新确认会生成新版，第 {n} 版保留并注明已被取代。', notYours: '由该党组织的书记确认。',
    scope: '范围', added: '增补', assisted: '协助签到', absent: '缺席', loans: '其中借调', total: '合计', places: '地点：{p}',
    reasons: '未参加人员及原因', noAbsence: '没有人缺席或请假', reason: '{name} 的缺席原因', reasonHint: '缺席原因，例如：值班、未请假', names: '签到明细（{n} 人）', name: '姓名', standing: '情况', signed: '签到', where: '地点', remark: '备注', addedMark: '增补', correctedMark: '更正',
    confirm: '确认签到表', again: '确认新版', confirmAsk: '确认 {u} 的签到表？', will: '应到 {e}，实到 {p}，请假 {l}，缺席 {a}。确认后内容固定，记录您的姓名和时间；以后更正会另出新版。', why: '为什么重新确认', whyHint: '例如：补录一人。会印在旧表上。', needWhy: '请写明理由。',
    bundles: '逐个党组织打包', bundlesLead: '每个党组织一份签到表，附目录，打成一个压缩包。已确认的用确认的版本，没有确认的标明未确认。制作时可以离开本页；文件保留一天，只有您能下载。', bundling: '正在制作 {p}%', bundleStop: '取消', bundleMake: '制作 {f} 压缩包', bundleFile: '下载 {f} 压缩包（{s}）', bundleUntil: '{t} 删除',
    files: '下载', xlsx: 'XLSX', pdf: 'PDF', versions: '确认记录', version: '第 {n} 版', holds: '现行', redacted: '{t} 起有人因注销而隐去；摘要是确认时的', superseded: '已被第 {n} 版取代', verify: '核验', intact: '摘要一致，内容未被改动', broken: '摘要不一致，内容被改动过', digest: '摘要 {d}',
  },
}
