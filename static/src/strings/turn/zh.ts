/** Words of one's own turn; they travel with its sheet, not with the phone's first picture. */
export default {
  device: {
    camera: '摄像头', microphone: '话筒', screen: '屏幕', choose: '选择{what}', default: '默认设备', open: '打开摄像头和话筒', level: '话筒音量',
    silent: '话筒没有声音', silentDetail: '请说一句话；仍无声音请检查话筒开关，或换一个话筒。',
    insecure: { camera: '此页面不能使用摄像头', microphone: '此页面不能使用话筒', detail: '请用 https:// 开头的地址打开。' },
    denied: { camera: '浏览器不允许使用摄像头', microphone: '浏览器不允许使用话筒', detail: '请点地址栏左侧的图标，改为允许，然后重试。' },
    missing: { camera: '没有找到摄像头', microphone: '没有找到话筒', detail: '请插好设备；插好后会自动打开。' },
    busy: { camera: '摄像头被其他程序占用', microphone: '话筒被其他程序占用', detail: '请关闭正在使用它的程序，然后重试。' },
    failed: { camera: '摄像头打不开', microphone: '话筒打不开', detail: '请重新插拔设备，然后重试。' },
    unplugged: { camera: '摄像头已断开', microphone: '话筒已断开', detail: '请插好设备；插好后会自动恢复。' },
  },
  turn: {
    raiseAsk: '允许使用话筒并举手', topic: '想谈什么（可不填）', topicHint: '例如：岗位应急演练的做法', camera: '同时打开摄像头', withdraw: '放下', connect: '接通', later: '稍后', ownPicture: '我的画面', byPhone: '轮到您时，您的声音和画面会全场播放。浏览器会先询问能否使用话筒，请选择允许；排队时不会收音。',
    byRoom: '您在 {venue}。轮到您时由会场的话筒和摄像头发言，手机保持静音，以免回声。', place: '排在第 {n} 位', wait: '请保持本页打开。轮到您时会提示接通，此前不会收音。', waitRoom: '轮到您时请用会场的话筒发言，手机保持静音。', invited: '接通后全场可以看到和听到您。', connecting: '正在接通…', left: '请在 {s} 秒内接通', speak: '全场可以听到您的发言。',
    speakRoom: '请用会场的话筒发言，手机保持静音。', title: { none: '举手发言', waiting: '已举手', invited: '轮到您了', on_air: '正在发言' },
    over: { done: '发言已结束，谢谢', missed: '没有接通，已转到下一位；可以重新举手', declined: '举手已放下；需要时可以重新举手' },
  },
}
