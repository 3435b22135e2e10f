/** Words of one's own certificates, and of their check, which is open. */
export default {
  certificate: {
    title: '我的证书', download: '下载 PDF', verify: '核验页面', withdrawnOn: '{t} 已撤销', of: '{t} 颁发', hours: '{n} 学时',
    none: '还没有证书', noneDetail: '看完一门微视频课程的全部视频并通过测试，证书会自动颁发，出现在这里。',
    checkTitle: '证书核验', number: '证书编号', placeholder: '例如 7K3M-9QXP-4D2R-W8TZ', check: '核验', checking: '正在核验…',
    genuine: '证书真实有效', genuineDetail: '以下信息与颁发记录一致；姓名只显示一部分。请与纸面内容对照。',
    withdrawn: '证书已撤销', withdrawnDetail: '该编号的证书曾经颁发，现已不再有效。如有疑问，请联系颁发单位。',
    unknown: '没有这张证书', unknownDetail: '系统没有颁发过这个编号。请对照纸面逐字检查编号，字母大小写不限；仍然查不到，请联系颁发单位。',
    name: '姓名', course: '课程', issuer: '颁发单位', issued: '颁发日期', gone: '撤销日期', another: '核验另一张证书', ofCourse: '课程证书', lead: '完成课程全部视频和测试的学员自动获得证书。撤销后不能恢复，核验页面会显示“已撤销”。', search: '按姓名、党组织或编号查找', noneYet: '还没有人获得证书', noneYetDetail: '有人完成课程的全部视频和测试后，会列在这里。', noMatch: '没有找到', noMatchDetail: '换个姓名、党组织或编号再试。', back: '微视频', more: '显示更多', columns: { name: '姓名', unit: '党组织', number: '编号', issued: '颁发日期', state: '状态', acts: '操作' }, states: { genuine: '有效', withdrawn: '已撤销' }, withdraw: '撤销', withdrawOf: '撤销 {name} 的证书', reason: '撤销原因', reasonHint: '本人可以看到，并记入审计日志。', needReason: '请写明撤销原因。', withdrawAsk: '确定撤销 {name} 的证书吗？', withdrawDetail: '编号 {n} 立即失效，不能恢复，也不会重新颁发。', next: '下一步', type: '输入证书上的编号，或用手机扫描证书上的二维码。',
  },
}
