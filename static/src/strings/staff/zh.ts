/** Words of the faces for staff and halls; they travel with those faces, not with the phone's first picture. */
export default {
  board: {
    present: '实到', expected: '应到', missing: '未到', late: '迟到', left: '已离场', added: '增补', phone: '手机', ratio: '实到率',
    presentOf: '实到 / 应到', all: '到齐', missingN: '未到 {n}', byVenue: '按会场', byUnit: '按党组织', venues: '会场', units: '党组织', everyone: '全部人员',
    at: '更新于 {t}', stale: '数据停在 {t}，正在恢复连接', staleShort: '连接中断，数据可能不是最新', notYet: '还没有应到名单', notYetDetail: '开放会场后，应到名单会固定下来，这里开始统计。',
    noRight: '您不能查看本场考勤', noRightDetail: '请用会控、书记或本场会场的账号登录。', beside: '另有增补 {n} 人，不计入应到', strayed: '有人不在安排的地点签到：实到按实际地点计，未到按安排计。',
  },
  curtain: {
    cutDo: '紧急切断', key: '按住 Q', cutHow: '按住 1 秒：所有观众立即看到备播画面、没有声音；录像同样，并作标记。', cut: '已切断 · 所有观众看到备播画面、没有声音', cutSince: '{t} 切断，已 {d}', lift: '恢复播出', countdown: '倒计时', title: '备播画面与倒计时', lead: '所有观众看到备播画面和倒计时，没有声音；录像同样。会控墙不受影响，到时由您点击继续。', leadBefore: '上课前所有观众看到课程名和倒计时，没有声音。到时由您点击开始播出，或点“上课”。',
    note: '显示的文字', noteHint: '最多 40 字；上课前不填则显示课程名', pauseNote: '课间休息', start: '开始', standby: '备播中 · {w}', before: '等待上课', standbyDetail: '观众看到备播画面、没有声音', resume: '开始播出', over: '已过 {t}', desk: '会控已切断播出', deskDetail: '所有人看到备播画面，听不到您的声音。请等会控恢复。', deskStandby: '正在备播', deskStandbyDetail: '所有人看到备播画面，听不到声音。上课或会控点“开始播出”后恢复。',
  },
  hands: {
    lost: '{n}的手机断线超过 {s} 秒，发言已结束，画面已切回', one: '举手', none: '没有人举手', noneDetail: '学员在手机上、会场按 2 举手后，会排在这里。', next: '请下一位', nextKey: 'N', take: '请他发言', lower: '放下', finish: '结束发言', lowerAll: '全部放下', lowerAllAsk: '放下全部 {n} 个举手？', lowerAllDetail: '他们会看到举手已放下，可以重新举手。正在发言的人不受影响。', queue: '排队 {n} 人', history: '已处理',
    wait: '已等 {t}', byRoom: '在会场发言', speaking: '正在发言', invited: '正在等待接通', left: '还有 {s} 秒', back: '结束后自动切回原画面', states: { done: '已发言', withdrawn: '本人放下', declined: '未发言', missed: '没有接通' }, raise: '举手', up: '已举手', place: '已举手 · 第 {n} 位', withdraw: '放下', nextIs: '下一位 {n}', waiting: '举手 {n} 人', nobody: '没有人举手', turnOf: '请 {n} 发言 · ', about: '本会场举手', aboutDetail: '按数字选择想谈什么，会控会在排队中看到。', topics: { ask: '提问', speak: '发言', discuss: '讨论', report: '反映情况' }, ownTopic: '其他，可自己填写', noTopic: '不填，直接举手',
  },
  hall: { layout: { even: '画面并排', slides: '课件为主', camera: '讲师为主' } },
  help: {
    tab: '会务联络', call: '呼叫会控', callDetail: '会控会看到本处的名称和等待时间，直到有人处理。', again: '您的呼叫还在等待；再发一次会更新内容，等待时间不变。', urgent: '紧急', urgentWhat: '排到最前，用于画面或声音中断等影响上课的情况', own: '其他情况，最多 200 字', send: '发送', ready: { picture: '画面有问题', sound: '声音有问题', people: '现场人员有情况', contact: '请与我联系' },
    waiting: '已呼叫会控，等待 {t}', answered: '会控回复：{t}', answeredBare: '会控已收到', withdraw: '撤回', done: '处理完成', waits: '等待 {t}', answeredAt: '{t} 已回复', closedAt: '{t} 结束', coming: '马上处理', comingWords: '会控已收到，马上处理', reply: '回复', none: '没有呼叫', noneDetail: '会场和讲师按“呼叫会控”后会排在这里，紧急的在最前。',
    notify: '通知全体会场', notifyHint: '发给所有会场操作员，最多 200 字', read: '已读 {a}/{b}', unread: '未读：{v}', notice: '会控通知', understood: '知道了',
  },
  patrol: {
    start: '轮巡', pause: '暂停轮巡', resume: '继续轮巡', stop: '停止', left: '{s} 秒后下一个', by: '轮巡方式', venues: '逐个会场', pages: '逐页', every: '每个停留', seconds: '{s} 秒', size: '每页会场数', tiles: '每页 {n} 个',
  },
  tile: {
    menu: '{label}：更多操作', take: '全场观看该会场', speech: '发言', muted: '静音', mutedWhat: '关闭声音，会场不能自行打开', allowed: '可发言', allowedWhat: '会场可以开话筒，全场还听不到', speaking: '正在发言', speakingWhat: '打开声音，全场听得到',
    forced: '会控已静音', forcedHow: '会控已将本会场静音，暂不能打开话筒；需要发言请联系会控。', granted: '请发言，按 3',
  },
  spare: {
    take: { spare: '备用机接管', main: '主讲机接回' }, keepsVenue: '画面、声音和屏幕共享一起换过来；正在发言的会场画面不动。', otherAway: '另一台讲师机没有接通',
    title: '备用讲师机', waits: '备用机已就绪，没有上屏', taught: '正在由备用讲师机授课', taughtDetail: '这台讲师机的画面和声音没有上屏。', become: '用作备用机', becomeMain: '用作主讲机',
    busy: '主讲机已在推送', busyDetail: '这台电脑可以作为备用机先接上，需要时一键接管。', force: '强制接管', forceTitle: '强制接管这路画面吗？', forceDetail: '原来的设备会立即断开，由这台电脑继续推送。正在观看的人不受影响。',
  },
  clip: {
    open: '播放短片', title: '播放短片', detail: '短片占用主画面并单独出声，录像同步录下；播完后自动回到之前的画面和声音。',
    none: '本场课还没有短片', noneDetail: '在“课程”里打开这场课的“资料”，上传视频；转换完成后就能在这里播放。', failed: '转换没有成功', converting: '转换中 {n}%',
    play: '播放', pause: '暂停', resume: '继续', stop: '停止播放', left: '还剩 {t}', paused: '暂停 · 剩 {t}', progress: '播放进度',
  },
  talkback: {
    start: '对讲', end: '结束对讲', key: 'T 键', what: '按住 T 说话，或按一下开始、再按一下结束；只有这个会场听得到。', only: '只有该会场听得到', choose: '先选一个会场进预览', away: '会场大屏没有打开',
    connecting: '正在接通 {v}…', on: '正在与 {v} 对讲，全场听不到', airTitle: '该会场正在全场发言', airDetail: '现在对讲，会场音箱里的声音会经它的话筒传给全场。建议先让它下屏或静音。', airYes: '仍要对讲',
    here: '会控对讲（仅本会场可听到）', by: '{n} 正在对讲', reply: '回话请按 3 打开话筒，全场听不到', output: '对讲播放到', outputDefault: '系统默认',
  },
  roll: {
    start: '开始点名', again: '重新点名', lead: '逐个点到分会场，一键登记一个。', leadDetail: '被点到的会场自动进入预览，画面和声音同时给您；系统按画面、声音和应答给出判断，由您确认。', none: '本场课没有分会场', noneDetail: '分会场在排课时加入。', notOpen: '会场开放后可以点名', calling: '正在点', progress: '{a} / {b}', number: '第 {n} 次点名',
    result: { answered: '在线应答', no_picture: '无画面', no_sound: '无声音', absent: '未应答' }, uncalled: '未点到', proposal: '系统判断', enter: 'Enter', waiting: '等待应答 {s} 秒', answered: '会场已按应答', keys: '1–4 登记 · Enter 按系统判断 · 退格键回到上一个 · 点会场名可重新点', finish: '完成点名', unfinished: '还有 {n} 个会场没有点到', back: '上一个',
    doneAt: '完成于 {t}', allThere: '全部会场在线应答', failing: '需要处理的会场（{n}）', sheet: '导出点名表', ofVenue: '点名：{r}', please: '点名中 · 请应答', pleaseHow: '按 5 应答，也可以打开话筒说“到”', answer: '应答', thanks: '已应答 · 等待会控登记', wait: '点名进行中，请等待', short: '点名',
  },
  failover: {
    move: '转到备用', moveAsk: '转到备用…', title: '{venue}：转到备用', detail: '会场不能继续使用时，把人员转到另一会场或手机，考勤随人走。随时可以一键恢复。',
    people: '将转移 {n} 人', signedIn: '在会场已签到 {n} 人', waiting: '应到未签到 {n} 人', where: '转到哪里', planned: '计划的备用', phones: '手机', phonesDetail: '画面和声音在各人手机上开始', offline: '未在线',
    seats: '已有 {a} 人，共 {b} 座；将再来 {c} 人', tooSmall: '，座位不够', go: '转移 {n} 人', movedTo: '{t} 已转到{venue}，{n} 人', arriving: '{n} 人还没到', restore: '恢复',
    here: '会控已把本会场人员转到{venue}', hereDetail: '请告诉现场人员看手机提示。恢复后这里的提示会消失。',
    toPhones: '已签到的人：手机立即出画面和声音，考勤从此按手机计算。未签到的人：改为用手机签到。十分钟内接上的，中间不断。',
    toVenue: '已签到的人：手机提示前往{venue}，到达后扫码（或由那里的操作员确认），考勤从到达起按{venue}计算；十分钟内到达的，中间不断。未签到的人：改到{venue}签到。',
  },
  readiness: {
    card: '会场准备', cardDetail: '各分会场在大屏上做设备自检，由操作员签字。没有签字的，请选好备用：出故障时会控一键转移。', exposed: '{n} 个会场没有就绪，也没有备用', allSigned: '全部分会场已签字', fallbackOne: '备用', noFallback: '未选备用', seatsOf: '{v}（{n} 座）',
    tab: '会场', none: '本场课没有会场', noneDetail: '在课程里添加会场后，自检和转移都在这里。', main: '主会场由讲师台推送', comma: '、', reason: '签字说明：{r}', fallback: '备用：{v}', signedAt: '{n} 已签字 {t}',
    state: { none: '未自检', running: '自检未完成', failed: '自检未通过', warned: '有提醒，待签字', passed: '通过，待签字', signed: '已签字', stale: '自检已过期或设备已更换' },
    check: { browser: '浏览器', camera: '摄像头', microphone: '话筒', speaker: '扬声器', clock: '时钟', uplink: '上行带宽', line: '线路' },
  },
  preflight: {
    title: '设备自检', start: '开始自检', again: '全部重做', one: '重做此项', working: '正在检查…', notYet: '还没有检查', sign: '签字确认', signer: '操作员姓名（可不填）', why: '有提醒项，请写明为什么可以接受',
    ask: '刚才听到测试音了吗？', yes: '听到了', no: '没听到', cannotSign: '有项目未通过，不能签字。请按提示处理后重做该项；解决不了的，请联系会控安排备用。', keys: '1–7 查看各项 · Enter 下一步 · R 全部重做 · 9 或 Esc 关闭',
    byKit: '本会场的画面由会议终端推送：服务器按收到的画面、声音和线路检查。请对着终端的话筒说话。', byServer: '服务器已收到', kitMissing: { camera: '服务器没有收到会议终端的画面。请检查终端是否在推送。', microphone: '服务器没有收到会议终端的声音。请检查终端的话筒和音频设置。' },
    doing: { browser: '正在查看浏览器', camera: '正在看画面，请不要遮挡镜头', microphone: '请对着话筒说话，持续 {s} 秒', speaker: '请安静，正在播放测试音', clock: '正在与服务器对时', uplink: '正在测量上行带宽', line: '正在发送测试画面，约 5 秒' },
    says: {
      browser: { ok: '浏览器可以使用摄像头和话筒，能发送 H264。', insecure: '此页面不能使用摄像头和话筒，请用 https:// 开头的地址打开。', no_h264: '这个浏览器不能发送 H264，部分手机会看不到本会场。请改用 Chrome 或 Edge。' },
      camera: { ok: '画面清楚，在动。', black: '画面全黑。请打开镜头盖、补光；用采集卡的，检查 HDMI 信号源和线。', frozen: '画面不动。请重新插拔摄像头或采集卡；用会议终端的，检查它是否在输出画面。', coarse: '清晰度不到 720 线，大屏上会不清楚。请换一个摄像头，或在终端上调高输出。', slow: '每秒画面不到 12 帧，动作会不连贯。请关闭其他占用摄像头的程序，光线太暗的请补光。' },
      microphone: { ok: '听得清楚。', silent: '没有声音。请打开话筒开关、检查插头，或在下方换一个话筒。', quiet: '声音太小。请靠近话筒，或在系统设置里调高输入音量。', clipped: '声音太大，有破音。请离话筒远一点，或调低输入音量。' },
      speaker: { ok: '测试音已由话筒听到。', confirmed: '操作员听到了测试音。', unheard: '没有听到测试音。请打开音箱、调高音量，检查大屏的声音输出。' },
      clock: { ok: '时钟与服务器一致。', off: '时钟有偏差，不影响上课，但日志上的时间会对不上。请打开系统的自动对时。', wrong: '时钟差得太多。请打开系统的自动对时，并核对时区。' },
      uplink: { ok: '上行带宽够用。', slow: '上行带宽偏低，画面会自动变小。请改用有线网络，关闭其他上传。', too_slow: '上行带宽不够，送不出画面。请改用有线网络或另一条线路；解决不了的，请安排备用。' },
      line: { ok: '测试画面经 UDP 送达，没有明显丢包。', no_packets: '测试画面没有送达。请网络管理员放行本系统的媒体端口（UDP，或同号 TCP）。', lossy: '丢包太多，画面会卡。请改用有线网络或另一条线路。', tcp: '只能走 TCP，网络差时延迟会变大。请网络管理员放行媒体端口的 UDP。', some_loss: '有少量丢包。请改用有线网络。' },
    },
  },
  kinds: { full: '正式党员', probationary: '预备党员', candidate: '发展对象', activist: '入党积极分子', guest: '列席' },
  ways: { qr: '扫码', code: '签到码', phone: '手机', assisted: '协助签到' },
  inquiryStaff: {
    views: '分类', view: { waiting: '待审', shown: '已公开', rest: '未采纳' }, export: '导出', all: '全选', tick: '选中', approveMany: '采纳 {n} 条', declineMany: '不采纳 {n} 条', approve: '采纳 A', decline: '不采纳 D', merge: '合并 G', mergeInto: '“{text}” 并入哪一条？', mergeHere: '并入这一条', stage: '上台 S', unstage: '下台 S', answered: '已答 R', write: '书面答复 W', assign: '指定回答 E', assignHint: '讲师、会场或姓名', undo: '撤销 U', save: '保存', up: '上移', down: '下移', reopen: '退回 O',
    lecturer: '讲师', names: '公开姓名', band: '大屏显示', hand: '手动排序', none: { waiting: '没有待审的提问', shown: '还没有公开的提问', rest: '没有未采纳的提问' }, noneDetail: '学员的提问先到这里，采纳后才公开。', keys: 'J K 选择 · A 采纳 · D 不采纳 · G 合并 · S 上台 · R 已答 · W 答复 · E 指定 · O 退回 · X 勾选 · U 撤销', mergeKeys: 'J K 选择 · Enter 并入 · Esc 取消',
    approved: '学员提问', noneApproved: '还没有采纳的提问', noneApprovedDetail: '会务采纳后会出现在这里。', tab: '提问',
  },
  talkCard: { title: '提问与点名', detail: '下课后也可以书面答复提问；学员在手机的“互动”里看到。', answer: '查看与答复提问', how: '选中一条，按“书面答复”；还在待审的，先采纳。', inquiries: '导出提问' },
  signalsStaff: { hint: '多人听不清，请检查声音' },
  chapter: { key: 'B 键', mark: '标记章节', marked: '已标记 {t}', hint: '章节名，可不填', save: '保存', skip: '不命名', list: '章节', listDetail: '改名后点保存；删除的章节不再出现在回放里。', none: '还没有章节', noneDetail: '按 B 键标记，或在回答提问后自动产生。', title: '章节名', remove: '删除', removeYes: '确认删除', cut: '紧急切断 {t}', cutStill: '紧急切断（未恢复）' },
  rail: {
    scan: '扫码签到', qr: '签到二维码', typed: '签到码', codeWaits: '签到码正在恢复，请稍候', missing: '未到 {n} 人', everybody: '应到人员已到齐', assist: '协助签到', quiz: '题目',
  },
  assist: {
    title: '协助签到', short: '协助签到', lead: '为没有带手机的人签到', detail: '请确认本人在场。签到记录会注明由工作人员协助。', narrowed: '编号含 {d}，共 {n} 人', ask: '为 {name} 签到？', confirm: '确认签到', done: '{name} 已签到',
    keys: '方向键选择 · Enter 签到 · 输入编号可查找 · Esc 关闭', noMatch: '没有这个编号', noMatchDetail: '按退格键修改，或请会务增补到名单。',
  },
  quizzes: {
    one: '课堂测验', number: '第 {n} 题', kind: { single: '单选题', multiple: '多选题', true_false: '判断题' }, seconds: '{s} 秒', secondsLeft: '秒后停止作答', counting: '正在统计', ratio: '答对率', nobody: '没有人作答', answered: '已答', answeredOf: '已答 {a} / {e}',
    onPhone: '请在手机上作答', closed: '已停止作答', rightAnswer: '正确答案', explanation: '讲解', running: '作答中', summary: '已答 {a} · 答对 {p} %', agenda: '议程', none: '还没有准备题目', noneDetail: '点“新题目”写一道，课上发布。',
    launch: '发布', stop: '停止答题', explain: '讲解', fold: '收起', look: '看题', unitRatio: '各党组织答对率',
  },
  question: {
    title: '课堂题目', add: '新题目', edit: '修改', remove: '删除', removeAsk: '删除这道题吗？', kind: '题型', text: '题目', textHint: '例如：发现设备异响时，第一步应当做什么？', options: '选项', option: '选项 {l}', moreOptions: '再加一个选项', markRight: '设为正确答案',
    tickOne: '点字母标出正确答案；留空的选项不会显示。', tickSeveral: '点字母标出全部正确答案；留空的选项不会显示。', explanationHint: '停止答题后，大家会看到正确答案和这段讲解。', seconds: '作答时间（秒）', save: '保存题目', true: '正确', false: '错误', rightIs: '答案 {a}',
    none: '还没有题目', noneDetail: '提前写好题目，讲师在讲台上一键发布。', needText: '请填写题目。', needOptions: '至少填写两个选项。', sameOptions: '有两个选项相同。', needCorrect: '请标出正确答案。', needTwoCorrect: '多选题至少有两个正确答案。', badSeconds: '作答时间为 5 到 3600 秒。',
  },
  roster: {
    title: '名册与考勤', search: '按姓名或编号查找', state: '状态', states: { all: '全部状态', missing: '未到', present: '实到', late: '迟到', left: '已离场', on_leave: '准假', added: '增补' }, noMatch: '没有符合条件的人', nobody: '没有人', more: '再显示一些', count: '共 {n} 人',
    add: '增补人员', addDetail: '应到人数已固定，增补另行登记，可正常签到和取得学时。', number: '编号', needNumber: '请填写编号。', where: '地点', reason: '原因', needReason: '请填写原因。', reasonHint: '例如：借调人员，临时参加', addSave: '增补到名单',
    left: '标记离场', leftAsk: '标记 {name} 已离场？', leftDetail: '从现在起不再计入在场。标记会记录操作人。', back: '撤销离场', backAsk: '撤销 {name} 的离场标记？', backDetail: '按没有离开过计算。', name: '姓名', kind: '类别', assigned: '安排在', standing: '状态', signIn: '签到', signed: '已到', really: '实际在 {v}', addedWhy: '增补：{r}', everyVenue: '全部会场', everyUnit: '全部党组织',
    notYet: '应到名单还没有固定', notYetDetail: '开放会场时按安排固定应到名单；在此之前可以调整安排。', summary: '应到 {e} · 实到 {p} · 未到 {m}',
  },
  assign: {
    title: '应到安排', save: '保存安排', saved: '安排已保存', lead: '按此安排，应到 {n} 人', leadDetail: '开放会场时应到名单随即固定，之后的变动另行登记。', locked: '应到名单已经固定', lockedDetail: '会场开放后不能再改安排；需要时在名册中增补人员。', units: '党组织去哪里', people: '人数', where: '地点', whereOf: '{u} 的地点',
    byDefault: '未安排（{p}）', follows: '同上级（{p}）', gone: '已移除的会场', exceptions: '个别人员', exceptionsDetail: '与所在党组织去处不同的人，或本场不参加的人。', out: '本场不参加', drop: '移除', add: '添加', numberOf: '编号 {n}', afterSave: '保存后显示姓名并计入', checkNumbers: '安排没有保存。请核对新加的编号：{n}', result: '各会场应到', seats: '{n} 座', over: '比座位多 {n} 人，可加座或改用手机',
  },
  settling: {
    title: '学时核定', hours: '核定学时', n: '{n} 学时', rule: '适用规则', ruleOf: '{r}（第 {v} 版）', ruleLater: '开放会场时确定', willTitle: '核定后', willAll: '名单上共 {n} 人，已签到 {p} 人，逐人按规则核定。', willMissing: '未签到的 {n} 人不通过，可另行补学。', willRule: '按“{r}”第 {v} 版核定。', willNoRule: '没有适用的规则，不能核定。',
    willGrant: '通过的人各得 {h} 学时，记入学时明细，只增不改。', willReview: '每个人都能看到自己的结果和原因，并可申请复核。', notYet: '还没有核定', notYetDetail: '下课之后可以核定学时。', search: '按姓名查找', verdict: '结果', everyVerdict: '全部结果', passed: '通过', failed: '未通过', behind: '依据', review: '复核', neverSigned: '没有签到', presentShare: '在场 {p} %', quizShare: '答题 {a}/{q}，答对 {r}', none: '无学时',
  },
  reviews: {
    title: '复核申请', evidence: '{lesson} · 看依据', states: { open: '待处理', granted: '已同意', declined: '未同意' }, none: '没有待处理的复核申请', noneOther: '没有这样的复核申请', noneDetail: '学员对学时结果有疑问时，可以在手机上申请复核。', answer: '答复', grant: '同意', decline: '不同意', grantAsk: '同意 {name} 的复核申请？', declineAsk: '不同意 {name} 的复核申请？',
    grantWill: '学时明细增加一条更正，结果改为通过。', declineWill: '结果不变，学员会看到您的答复。', answerTo: '给学员的答复', needAnswer: '请填写答复。', answerHint: '写明依据，学员会看到。',
  },
  rules: {
    title: '学时规则', lead: '规则只增不改。开放会场时按当时有效的规则固定；新版本从生效日起用，旧版本随之结束。', new: '新规则', renew: '新版本', newDetail: '已固定规则的课不受影响。', name: '名称', unit: '适用党组织', unitHint: '下级没有自己的规则时也适用。', since: '生效日', until: '结束日', untilHint: '不填表示长期有效；从这一天起不再适用。', leastPresent: '在场比例不低于（%）', late: '迟到界限（分钟）', lateHint: '只作标记，不影响学时。',
    leastAnswered: '答题比例不低于（%）', leastRight: '答对比例不低于（%）', emptyMeans: '不填表示不要求。', save: '发布规则', version: '第 {v} 版', open: '长期', none: '还没有规则', noneDetail: '有学时的课需要一条有效的规则才能排期。', present: '在场 ≥ {p} %', answered: '答题 ≥ {p} %', right: '答对 ≥ {p} %', lateAfter: '开课 {m} 分钟后算迟到',
    standing: { now: '有效', later: '将生效', over: '已结束' }, needName: '请填写名称。', badDates: '结束日要晚于生效日。', badPercent: '请填写 0 到 100 的整数。', badLate: '请填写 0 到 120 的整数。',
  },
  ruleChecks: {
    asked: '随机确认 {n} 次', weighed: '随机确认 {n} 次，应答 ≥ {p} %', leftEarly: '提前 {m} 分钟离开算早退', count: '每场随机确认次数', countHint: '0 表示不问，最多 10 次；时刻事先无人知道。', least: '应答比例不低于（%）', early: '提前多少分钟离开算早退', earlyHint: '不填则只按操作员的离场标记。会场内的人一律按标记。', rooms: '会场内的人也要确认', roomsHint: '不选则只问用手机听课的人。',
    badEarly: '请填写 1 到 999 的整数，或不填。', badChecks: '请填写 0 到 10 的整数。',
  },
  flag: { title: '请人工核实：{name}', device_taken: '同一部手机为多人签到', proof_used: '同一次扫码被多人使用', shared_device: '同一个浏览器为多人签到（签到有效）', other: '签到情况需要核实', how: '怎样核实', seen: '已核实', what: '系统没有拒绝或处罚任何人。请向会场了解情况：确在现场的，用协助签到登记。' },
  manage: {
    organisation: '组织与人员', privacy: '隐私与个人信息',
    settle: '核定学时', archive: '归档', will: { settle: '按规则逐人核定，通过的记入学时明细。核定后不能撤回，有疑问走复核。', archive: '课程归档，不再变化。' }, ask: { settle: '现在核定学时吗？', archive: '现在归档吗？' },
    study: '考勤与学时', attendance: '考勤', reviews: '复核申请', rules: '学时规则', boardFace: '考勤大屏', spareFace: '备用讲师机',
  },
  form: {
    newTitle: '新建课程', editTitle: '修改课程', title: '课程名', titleHint: '例如：安全生产月专题学习', unit: '主办党组织', lecturer: '讲师', lecturerNone: '暂不指定', date: '日期', from: '开始', to: '结束', venues: '会场', main: '主会场', mainNone: '没有主会场', branches: '分会场', branchesHint: '可多选，可输入名称查找', recorded: '录制本场课', recordedHint: '录像在下课后立即可以回看。', notRecordedHint: '本场不录制，下课后不能回看。',
    willTitle: '保存后', willDraft: '课程存为草稿，只有管理人员看得到；检查无误后再排期。', willVenues: '将有 {n} 个会场接入', willNoVenue: '没有会场，学员只用手机观看', willTime: '{d}，共 {t}', willEdit: '改动立即生效，已排期的课程在大家的首页会更新。', create: '保存为草稿', save: '保存修改',
    needTitle: '请填写课程名。', needUnit: '请选择主办党组织。', needTime: '请选择日期和起止时间。', wrongTime: '结束时间要晚于开始时间。', longTime: '一场课最长 12 小时，请检查起止时间。', past: '开始时间已经过去，请确认日期。', changed: '这场课刚被别人改过', changedDetail: '已取回最新内容，请检查后再保存。', locked: '课程开放后不能再修改', lockedDetail: '如需调整，请取消后新建。',
    watermark: '画面水印', watermarkHint: '观看时，画面上淡淡地显示本人姓名和编号（会场大屏显示会场名），回放同样。', credit: '核定学时', creditHint: '例如 2 或 1.5；填 0 不计学时。', badCredit: '请填写 0 到 100 的数，最多两位小数。', willCredit: '符合规则的学员每人得 {h} 学时', willNoCredit: '本场不计学时'
  },
  desk: {
    title: '讲台', own: '我的画面', seen: '学员看到的画面', seenNote: '静音预览', setup: '先打开摄像头和话筒', setupDetail: '打开后您会先看到自己；开始推送之前，别人看不到您。',
    publish: '开始推送', stop: '停止推送', share: '共享屏幕', unshare: '停止共享', sharing: '屏幕共享', begin: '上课', finish: '下课',
    finishTitle: '现在下课吗？', finishDetail: '所有会场和手机的画面都会结束，录像随即完成。下课后不能恢复。', beginTitle: '现在上课吗？', beginDetail: '从此刻开始计时；本场{rec}。',
    recYes: '会录制', recNo: '不录制', offAir: '未上屏', onAir: '正在全场播放', notTaken: '已接通，等待会控切到主画面',
    elsewhere: '学员正在看：{label}', notYet: '未上课', notAllowed: '您不是本场课的讲师', notAllowedDetail: '请用讲师账号登录，或回到首页。', shareFailed: '屏幕共享没有打开',
    shareFailedDetail: '请在系统设置里允许浏览器录制屏幕，然后重试。', endedTitle: '已下课', endedDetail: '本场时长 {t}。录像可在管理页回看。',
    waitOpen: '会场还没有开放', waitOpenDetail: '会控开放会场后，这里会自动可用。可以先打开设备试一试。', online: '{n} 人在线', mute: '关话筒', unmute: '开话筒',
  },
  console: {
    queues: '会控栏目', programme: '主画面', preview: '预览', wall: '会场', onAir: '播出', take: '切换主画面', takeKey: '空格键', mute: '全体静音', muteKey: 'M 键', pause: '暂停录制', resume: '继续录制',
    start: '上课', end: '下课', open: '开放会场', screenNobody: '现在没有人共享屏幕', backMain: '切回主会场', screenShow: '显示屏幕共享', screenHide: '收起屏幕共享', listen: '监听', unlisten: '关监听', alarms: '报警', alarmsNone: '没有报警', alarmsNoneDetail: '会场掉线、录制异常等会出现在这里。',
    since: '自 {t}', online: '在线 {n}', viewers: '观看 {n}', rec: '录制', recOff: '未录制', recPaused: '录制已暂停', recFinished: '录制已完成', notRecorded: '本场不录制', disk: '磁盘 {n}', diskLow: '磁盘将满，仅剩 {n}', diskHint: '录像磁盘的剩余空间', clock: '课程时钟', previewNone: '还没有选预览', previewNoneDetail: '点下面的会场，或按它的编号。',
    taken: '主画面已切到 {label}', audioOpen: '声音已开', audioClosed: '声音已关', openAudio: '开声音', closeAudio: '关声音', micReady: '话筒已开', micMuted: '话筒静音',
    fault: {
      offline: '会场未上线', offlineDetail: '请电话联系会场打开大屏页面。', noSource: '没有送画面', noSourceDetail: '请会场按 9 自检摄像头和网络。', noVideo: '只有声音，没有画面', noVideoDetail: '请会场检查摄像头。',
      noAudio: '没有声音', noAudioDetail: '请会场检查话筒。', poor: '上行网络差', poorDetail: '上屏前请先看一会儿；必要时只开声音。', main: '讲师还没有接通', mainDetail: '请讲师打开讲台页面并开始推送。', screen: '没有共享屏幕', screenDetail: '讲师在讲台页面可以共享。', codec: '不是 H264',
      codecDetail: '录像和部分手机看不到画面，请该处改用 Chrome 或 Edge。',
    },
    endTitle: '现在下课吗？', endDetail: '{n} 个会场和 {v} 位观看者的画面都会结束，录像随即完成。下课后不能恢复。', startTitle: '现在上课吗？', startDetail: '从此刻开始计时；{rec}。', recYes: '录像同时开始', recNo: '本场不录制',
    media: '媒体服务正在恢复', mediaDetail: '画面几秒内会自动回来，录像不会丢失。', noRight: '您不能控制本场课', noRightDetail: '请用会控账号登录，或回到首页。', page: '第 {a}/{b} 页', prev: '上一页', nextPage: '下一页', select: '预览 {label}',
    waitOpen: '会场还没有开放', waitOpenDetail: '开放后，讲师和会场就可以接入，您可以先试音试画面。', ended: '本场课已结束', endedDetail: '录像可在管理页回看。',
    keys: '数字或 ←→ 选预览 · 空格切换 · PgUp/PgDn 翻页 · Z 撤销 · P 轮巡 · T 对讲 · M 全体静音',
  },
  publish: {
    idle: '未推送', dialling: '正在接通…', up: '已接通', shaky: '网络不稳，正在恢复', waiting: '连接中断，{s} 秒后再次连接', refused: '没有接通',
    closed: '已停止', noH264: '此浏览器不能发送 H264 画面', noH264Detail: '请改用 Chrome 或 Edge。也可以继续：声音不受影响，但部分手机和录像看不到画面。',
    goOn: '仍然继续', soundOnly: '服务器只收到声音', soundOnlyDetail: '画面格式不被接受，请改用 Chrome 或 Edge。',
  },
  venue: {
    start: '开始', startKey: '按 Enter 键或点按开始。', startDetail: '开始后进入全屏，只用键盘即可操作。', micMuted: '静音', micReady: '可发言', speaking: '正在发言', speakingAll: '正在发言（全场可见）',
    onAirMuted: '已上屏，话筒静音', onAirMutedDetail: '请按 3 打开话筒', rail: '侧栏', fold: '收起侧栏', mic: '话筒', test: '自检', keys: '按键', own: '本会场画面', lesson: '课程',
    uplink: '上行', downlink: '下行', publishOff: '本会场画面未送出', noVenue: '这个账号不是本场课的会场', noVenueDetail: '请用本会场的设备账号登录，或请会控把会场加入本场课。',
    mainNote: '主会场的画面和声音由讲台送出', waiting: '等待开课', endedTitle: '本场课已下课', endedDetail: '可以关闭设备了。',
    micFailed: '话筒状态没有报给会控，已自动重试',
  },
}
