export default {
  app: { name: '党校', unknown: '没有这个页面', unknownDetail: '请检查地址，或回到首页。', home: '回到首页', loading: '正在打开…', pair: '{a}：{b}' },
  act: {
    back: '返回', cancel: '取消', close: '关闭', retry: '重试', copy: '复制链接', copied: '已复制', undo: '撤销', open: '打开',
    logout: '退出登录',
  },
  picture: { enlarge: '放大图片', failed: '图片没有加载出来，图中内容：' },
  error: {
    unreachable: { title: '连不上服务器。', detail: '请检查网络后重试；若其他人也打不开，请联系会务。' },
    server: { title: '服务器暂时没有处理成功。', detail: '请稍等几秒再试；一直这样请联系会务。' },
    refused: { title: '没有完成。', detail: '请刷新页面后再试。' },
    not_found: { title: '找不到这项内容。', detail: '它可能已被删除，或您没有查看的权限。' },
    page: { title: '页面出了问题。', detail: '请刷新页面；若再次出现，请告诉会务当时在做什么。' },
  },
  time: { moment: '不到 1 分钟', minutes: '{n} 分钟', hours: '{h} 小时 {m} 分', days: '{d} 天 {h} 小时' },
  state: {
    draft: '草稿', scheduled: '已排期', open: '签到中', live: '上课中', ended: '已下课', settled: '学时已核定', archived: '已归档', cancelled: '已取消',
  },
  part: { main: '主会场', branch: '分会场' },
  signal: { none: '无信号', poor: '信号差', fair: '信号一般', good: '信号好' },
  look: { theme: '外观', auto: '跟随系统', light: '浅色', dark: '深色', large: '大字版', settings: '显示设置' },

  login: {
    number: '编号', numberHint: '党员编号或会场设备编号', password: '密码', show: '显示密码', hide: '隐藏密码', enter: '登录',
    needNumber: '请填写编号。', needPassword: '请填写密码。', forgot: '忘记密码，或第一次登录：请向本支部书记要验证码。', byCode: '用验证码登录', byPassword: '用密码登录', wait: '{s} 秒后可再试',
    lead: '一堂课，同时送到每个会场、每部手机。',
  },
  portal: {
    calendar: '课程日历', hello: '{name}，您好', next: '下一场课', now: '正在上课', opening: '正在签到', none: '近期没有安排课程',
    noneDetail: '有新的课程时会显示在这里。', later: '之后的课程', startsIn: '{t}后开始', startedAgo: '已开始 {t}', manage: '进入管理', bank: '题库', codes: '发验证码', roles: '账号与角色', account: '我的账号', noPassword: '还没有密码，请设置一个，下次用编号和密码登录。',
    allRecordings: '全部录像', recordings: '可回看的录像', lecturer: '讲师', noLecturer: '讲师未定', venues: '{n} 个会场', late: '已过开始时间，等待开课', credit: '{y} 年学时', branchCredit: '支部学时', creditDetail: '查看每一笔的依据', hours: '学时',
  },
  door: {
    desk: '进入讲台', console: '进入会控台', venue: '打开会场大屏', phone: '观看', roster: '谁还没到', room: '我的会场', early: '提前进入', also: '其他入口',
  },
  stage: {
    noCamera: '主画面暂无信号', noCameraDetail: '讲师或会场接通后会自动出现。', camera: '讲师画面', screen: '屏幕共享', sound: '正在收听，画面已关闭',
    soundDetail: '约 20 MB/小时', tapSound: '点一下打开声音', pictureSoon: '正在接通画面…', notYet: '还没有开放会场',
    clip: '正在播放短片，请听声音', clipDetail: '这台设备放不了短片的画面，播完后画面自动恢复。', weak: '网络较弱，暂时只有声音', weakDetail: '网络好转后，画面会自动恢复。',
  },
  slate: { cut: '节目暂时中断，请稍候', cutDetail: '恢复后会自动播放，不用刷新页面', begins: '{t} 上课', soon: '即将开始', pause: '稍事休息', goesOnAt: '{t} 继续', goesOn: '即将继续' },
  phone: {
    start: '开始观看', startDetail: '画面和声音会在点按后开始', data: '观看约 270 MB/小时', waiting: '还没有开始', waitingDetail: '{t}后开始。', arm: '到时自动播放', armed: '已准备好，到时自动播放。',
    waitingLate: '已过开始时间，请稍候。', ended: '本场课已下课', endedDetail: '录像整理好后可在首页回看。', cancelled: '本场课已取消',
    cancelledDetail: '请留意本党组织的通知。', full: '全屏', line: '线路', audioOnly: '仅听声音', audioOff: '恢复画面', leave: '返回首页',
    lines: '画面与线路', auto: '自动', autoDetail: '清晰度随网络调整，延迟不到 1 秒', listen: '仅听声音', listenDetail: '约 20 MB/小时，网络差时也稳定',
    steady: '稳定线路', steadyDetail: '延迟约 6 秒，适合实时线路接不通的网络',
    mobile: '您正在使用移动数据', mobileDetail: '观看约 270 MB/小时；仅听声音约 20 MB/小时。', mobileGo: '继续观看', mobileAudio: '仅听声音',
    off: '连接中断，正在恢复', offIn: '{s} 秒后再次连接', offNow: '正在重新连接…', nowRetry: '立即重试', slow: '消息连接受阻，改为定时更新',
    about: '本场课', log: '本场动态', logNone: '开始后，主画面切换等动态会显示在这里。', here: '{n} 人', online: '在线', tabs: '本场课的内容',
  },
  status: {
    webrtc: '实时线路', hls: '稳定线路', connecting: '正在接通', notStarted: '未开始观看', over: '已下课', offline: '连接中断', silent: '手机静音', connected: '已连接',
  },
  tab: { interact: '互动', papers: '资料', credit: '我的学时' },
  standing: {
    'signed-in': '已签到 {t}', 'missing': '未签到', 'missed': '本场没有签到', 'not-open': '签到未开放', 'guest': '不在应到名单', 'guestTitle': '您不在本场课的应到名单上', 'guestDetail': '可以观看，不计签到和学时。应当参加的，请联系会务人员增补。', 'late': '迟到', 'phone': '手机收看',
  },
  signIn: {
    understood: '知道了', do: '签到', ways: '会场签到', here: '我在会场', assigned: '您安排在', scan: '扫大屏二维码', scanDetail: '在会场大屏的右侧', type: '输入六位签到码', typeDetail: '二维码下方的六位数字',
    notThere: '我不在会场，用手机收看', notThereTitle: '您不在会场吗？', notThereDetail: '签到会记为手机收看，不记在 {venue}。若您就在会场，请返回，扫大屏上的二维码。', notThereGo: '用手机签到',
    code: '六位签到码', codeHint: '照大屏上现在显示的数字输入，每 30 秒更换。', confirm: '确认签到', codeShort: '请输入六位数字。', tooMany: '输错次数过多', tooManyDetail: '请 {n} 分钟后再输入，或现在扫大屏上的二维码。', elsewhere: '我就在这里，确认签到', rescan: '重新扫码', doneTitle: '签到成功', doneBefore: '您已签到',
    nextVenue: '请看会场大屏，手机保持静音。', nextQuiz: '讲师发布题目时，在手机上作答。', nextPhone: '现在可以开始观看，有题目时会自动弹出。', enter: '打开本场课', page: '会场签到', venue: '会场', lesson: '课程', until: '扫码时间 {t}，请在 {u} 前确认',
    afterLogin: '已扫码', afterLoginDetail: '登录后点“确认签到”即可，签到时间按扫码时算。扫码保留 10 分钟。', orType: '扫不了时，打开本场课输入大屏上的六位签到码。',
    problem: {
      sign_in_code_expired: { title: '二维码已更换', detail: '大屏上的二维码每 5 秒更换一次，请重新扫描现在显示的二维码。' },
      sign_in_code_invalid: { title: '这不是签到二维码', detail: '请扫描会场大屏上的签到二维码。' },
      sign_in_closed: { title: '现在不能签到', detail: '签到从开放会场起，到下课为止；漏签请联系会务人员。' },
      proof_missing: { title: '没有扫码，或扫码已过 10 分钟', detail: '请重新扫描会场大屏上的二维码。' },
      too_fast: { title: '操作过于频繁', detail: '请稍等片刻，再扫一次。' },
      other: { title: '签到没有完成', detail: '请重新扫描会场大屏上的二维码；仍不行请找会场操作员。' },
    },
  },
  scan: { title: '扫大屏二维码', aim: '把二维码放进框内', foreign: '这不是会场的签到二维码', opening: '正在打开摄像头…', busy: '正在签到…', toCode: '改为输入签到码', view: '摄像头画面',
    trouble: { denied: '请在手机设置里允许浏览器使用摄像头，或改为输入大屏上的六位签到码。', insecure: '请改为输入大屏上的六位签到码。', other: '请用手机自带的相机扫码，或改为输入大屏上的六位签到码。' } },
  room: { title: '您已在会场签到', detail: '请看会场大屏。为避免回声，手机不放画面和声音。', awaited: '您安排在 {venue}', awaitedDetail: '到会场后请先签到。在会场时手机不放画面和声音。', notThere: '我不在会场，在手机上看', slides: '在手机上跟看课件', moved: '{venue}已转到手机', movedDetail: '会场暂不能使用，请在手机上继续参加，考勤照常计算。', coming: '请到{venue}', comingDetail: '{from}暂不能使用。到达后扫那里的二维码确认，考勤照常计算。' },
  quiz: {
    remarked: '本题已改判', former: '原答案：{a}', number: '第 {n} 题', single: '单选', multiple: '多选', true_false: '判断', fill_in: '填空', ordering: '排序', opinion: '意见征集', word_cloud: '词云', left: '剩余 {s} 秒', seconds: '秒', chooseOne: '请选一项', chooseSome: '可选多项', rule: '每题提交一次，提交后不能修改。', submit: '提交', sending: '正在提交…', again: '网络不稳，正在重新提交，不会重复计入。', sent: '已提交', sentDetail: '停止答题后公布答案。',
    helped: '协助作答：{r}', said: '大家写的', saidNone: '还没有审核通过的内容', blankN: '第 {n} 空', wordN: '词 {n}', opinionText: '您的意见', moveUp: '把“{o}”上移', moveDown: '把“{o}”下移', movedTo: '“{o}”已移到第 {n} 位', writeSome: '请填写', noVote: '不代替组织表决', noVoteDetail: '审核通过后不署名展示。', ruleLast: '停止答题前可以修改，以最后一次为准。', change: '修改答案', sentChange: '停止答题前可以修改，以最后一次为准。', stands: '之前提交的答案仍然有效。', paused: '暂停作答', pausedDetail: '继续后，剩余时间接着算。', reopened: '本题重新开放：{r}', afterReopening: '您的答案在重新开放后提交。', partly: '部分正确，得 {p}%', given: '已作答', wrote: '您写的：{t}', placedAt: '您排在第 {n} 位',
    over: '答题时间到', overDetail: '马上公布答案。', failed: '没有送达', failedDetail: '请检查网络后再次提交，不会重复计入。', resubmit: '再次提交', yours: '您的答案', correct: '正确答案', right: '答对了', wrong: '没有答对', missed: '您没有作答', late: '您的作答晚于截止，未计入。', explanation: '讲解',
    everybody: '全场 {p}% 答对', nobody: '没有人作答', all: '全场作答', total: '{a} 人作答，{r} 人答对（{p}%）', people: '{n} 人', unitAnswered: '应到 {e} 人，作答 {a} 人，答对 {r} 人', fold: '收起', list: '本场题目', none: '还没有题目', noneDetail: '讲师发布题目时，会在这里自动弹出。', answer: '作答第 {n} 题', answerPaper: '继续答卷', seePaper: '看整卷答案', see: '看第 {n} 题答案', running: '正在作答', waiting: '等待公布', options: '选项', closed: '已停止答题',
  },
  credit: {
    worth: '核定学时', worthNone: '不计学时', unit: '学时', title: '我的学时', certificates: '我的证书', before: '下课后核定', beforeSigned: '您已签到。下课后按规则核定，达到要求计 {n} 学时。', beforeMissing: '签到并参加学习，下课后按规则核定，达到要求计 {n} 学时。', beforeNone: '本场课不计学时，签到照常记录。', waiting: '正在等待核定', waitingDetail: '核定后，这里会显示结果和依据。',
    passed: '已获得学时', failed: '本场没有获得学时', reasons: '原因', evidence: '依据', signedIn: '签到', notSignedIn: '没有签到', present: '在课比例', presentWords: '{p}%', quiz: '测验', quizWords: '{asked} 题中作答 {answered} 题，答对 {right} 题', quizNone: '本场没有测验', madeUp: '补学', madeUpState: { open: '补学中', done: '已完成', withdrawn: '已撤销' }, madeUpMarks: '课上提问 {q} 题中作答 {a} 题', rule: '规则', ruleOf: '{name}，第 {n} 版', entry: '学时明细', position: '第 {n} 条', hash: '校验值', at: '记入时间',
    review: '申请复核', reviewLead: '对结果有疑问，可写明情况，由管理员查看依据后答复。', reviewText: '情况说明', reviewHint: '例如：08:50 到会场，手机没电，由操作员协助签到。', send: '提交申请', needText: '请写明情况。', asked: '{t} 提交', decided: '{t} 由 {who} 答复', reviewOpen: '复核处理中', reviewGranted: '复核通过', reviewDeclined: '复核未通过',
    year: '{y} 年', sum: '{y} 年累计', before_year: '上一年', next_year: '下一年', entries: '明细', noEntries: '这一年还没有学时', noEntriesDetail: '课程核定后，学时会记在这里。', lesson: '课程', correction: '更正', make_up: '补学', micro: '微视频', outside: '校外', teaching: '授课', open: '我的学时', notMember: '这里显示党员本人的学时', notMemberDetail: '您的账号没有对应的党员。', none: '没有您的核定结果', noneDetail: '您不在本场课的应到名单上；如有疑问请联系会务人员。', all: '查看全部学时',
  },
  hand: {
    raise: '举手', up: '已举手', finish: '结束发言', bar: { waiting: '已举手·第 {n} 位', invited: '轮到您了', on_air: '正在发言' },
  },
  log: {
    cut: '节目暂时中断', cutEnded: '节目已恢复',
    live: '上课了', ended: '下课了', open: '开始签到', cancelled: '本场课已取消', taken: '主画面切换到 {label}', cleared: '主画面已清空', screenOn: '屏幕共享已显示', screenOff: '屏幕共享已收起',
    recordingRunning: '录制开始', recordingPaused: '录制暂停', recordingFinished: '录制结束', moved: '媒体服务已恢复，正在重新接入', paperLaunched: '整卷 {n} 题开始作答', quizLaunched: '第 {n} 题开始作答', quizClosed: '第 {n} 题停止作答', quizReopened: '第 {n} 题重新开放', quizRemarked: '第 {n} 题已改判',
  },
  venue: { time: '时间' },
  manage: { columns: { unit: '党组织' } },
}
