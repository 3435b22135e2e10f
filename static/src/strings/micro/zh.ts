/** Words of 微视频; they travel with its pages. */
export default {
  micro: {
    title: '微视频课程', mine: '我的微视频课程', none: '还没有微视频课程', noneDetail: '党校发布微视频课程后，会列在这里。', notMember: '这里是党员的学习课程', notMemberDetail: '您的账号不对应党员；管理课程请到“管理 · 课程系列”。', loading: '正在打开…',
    count: '{d}/{n} 个已完成', all: '课程已全部完成', goOn: '继续学习', begin: '开始学习', seeAgain: '再看一遍', toCourse: '返回课程', next: '下一个', list: '课程内容',
    step: { not_started: '未开始', watching: '学习中', questions: '待测试', done: '已完成' }, worth: '{n} 学时', worthTest: '{n} 学时，测试通过再加 {m}', noWorth: '不计学时', length: '时长 {t}',
    go: { not_started: '开始观看', watching: '继续观看', questions: '去测试', done: '再看一遍' },
    rules: '看完 {p}% 算看够。可以暂停、倍速（最快 {r} 倍）、换设备接着看；页面放到后台不算。', noSkip: '第一次看不能跳到还没看过的地方，看过的部分可以随意回看。', rulesThen: '看够后测试：{q} 道题，答对 {p}% 通过；连续 {n} 次未通过，隔一天再测。', rulesOnly: '看够即完成，没有测试。',
    progress: '观看进度 {n}%', enough: '已看够', done: '这个微视频已完成', test: '开始测试', testOn: '继续测试', pause: '{t}后可以再测', pauseDetail: '可以先回看一下。', looking: '这是预览', lookingDetail: '您管理这门课程，观看不计学时，也不记录进度。',
    markTitle: '想一想', markDetail: '答对答错都不影响学时；每道题只问一次。',
  },
  films: {
    title: '微视频', lead: '上传视频，排好顺序，发布后学员才能看到。断网或关掉页面后，重新选择同一个文件会从断处接着传。', add: '添加微视频', name: '标题', needName: '请填写标题。', save: '保存', none: '还没有微视频', noneDetail: '先添加一个标题，再上传视频文件。', back: '课程系列', open: '管理微视频', count: '{n} 个微视频',
    state: { draft: '待上传', uploading: '上传中', queued: '等待转码', converting: '转码中', failed: '未成功', ready: '可发布', published: '已发布', retired: '已停用' },
    upload: '上传视频', replace: '换一个文件', resume: '接着上传', sending: '正在上传 {p}%', waits: '网络断开，恢复后自动接着传', stop: '暂停', stopped: '已暂停，已传的部分保留两天', elsewhere: '还没有传完。在这台或另一台设备上用同一账号选择同一个文件，会从断处接着传；换一个文件则从头上传。', certificates: '证书', gone: '停用已久，视频已按录像的保存期限清理；已取得的学时不变。', cancelUpload: '取消上传', converting: '正在转码 {p}%', waiting: '排队等待转码', cancel: '取消转码', copied: '原样复制，没有重新编码', converted: '已转码',
    publish: '发布', retire: '停用', again: '重新发布', remove: '删除', rename: '改名', preview: '预览', questions: '题目', up: '上移', down: '下移', order: '用方向键调整顺序', handle: '调整“{n}”的顺序，现在是第 {p} 个', movedTo: '“{n}”已移到第 {p} 个',
    removeAsk: '删除“{n}”吗？', removeDetail: '视频文件一并删除，不能恢复。', retireAsk: '停用“{n}”吗？', retireDetail: '学员不能再开始或继续观看；已经取得的学时不变。视频在常规录像的保存期满后清理，在此之前可以重新发布。', unfitType: '请选择视频文件。', unfitSize: '文件超过 2 GB，请压缩或分段后上传。',
    skips: '第一次看可以快进', asks: '在标记处提问', settings: '设置', test: '测试题', testHint: '看够之后作答；没有测试题时，看够即完成。', mark: '标记处提问', markHint: '播放到这一刻时暂停，问一次；不计学时。', at: '时间（例如 3:05）', badTime: '请填写视频长度以内的时间，例如 3:05。', question: '题干', option: '选项 {n}', right: '正确', tick: '在正确的选项前打勾，可以多选。', explanation: '讲解（可不填）', addTest: '加一道测试题', addMark: '加一个标记提问', addOption: '加选项', removeQuestion: '删除这道题', saveQuestions: '保存题目', badQuestion: '每道题要有题干、至少两个不同的选项和正确答案。', saved: '题目已保存', noQuestions: '还没有题目',
  },
}
