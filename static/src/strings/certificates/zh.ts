/** Words of one's own certificates, and of their check, which is open. */
export default {
  certificate: {
    title: '我的证书', download: '下载 PDF', verify: '核验页面', withdrawnOn: '{t} 已撤销', of: '{t} 颁发', hours: '{n} 学时',
    none: '还没有证书', noneDetail: '看完一门微视频课程的全部视频并通过测试，证书会自动颁发，出现在这里。',
    checkTitle: '证书核验', number: '证书编号', placeholder: '例如 7K3M-9QXP-4D2R-W8TZ', check: '核验', checking: '正在核验…',
    genuine: '证书真实有效', genuineDetail: '以下信息与颁发记录一致；姓名只显示一部分。请与纸面内容对照。',
    withdrawn: '证书已撤销', withdrawnDetail: '该编号的证书曾经颁发，现已不再有效。如有疑问，请联系颁发单位。',
    unknown: '没有这张证书', unknownDetail: '系统没有颁发过这个编号。请对照纸面逐字检查编号，字母大小写不限；仍然查不到，请联系颁发单位。',
    name: '姓名', course: '课程', issuer: '颁发单位', issued: '颁发日期', gone: '撤销日期', another: '核验另一张证书', type: '输入证书上的编号，或用手机扫描证书上的二维码。',
  },
}
