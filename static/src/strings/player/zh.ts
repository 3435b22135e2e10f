/** Words of the player of recordings; they travel with it. */
export default {
  player: {
    chapters: '章节', chapter: '第 {n} 章',
    contact: '画面一览', goTo: '跳到 {t}',
    listening: '只听声音，画面已收起', layout: '画面布局', layouts: { side: '并排', corner: '画中画', screen: '只看屏幕', audio: '只听', one: '画面' },
    kinds: { all: '全部', mark: '标记', slides: '讲稿', stage: '上主画面', quiz: '测验', inquiry: '提问', clip: '短片', cut: '切断' },
    play: '播放', pause: '暂停', back: '后退 10 秒', forward: '前进 10 秒', speed: '速度', full: '全屏', position: '播放位置', title: '录像', failed: '录像暂时放不了', failedDetail: '请点重试；一直这样请联系管理员。', keys: '空格 播放/暂停 · ← → 跳 10 秒 · ↑ ↓ 调速度 · 1–4 布局 · F 全屏', running: '正在录制，可从头看', gaps: '录像中缺 {t}（当时设备中断）', recovered: '录制中断后已自动恢复', loading: '正在打开录像…', mute: '静音', unmute: '打开声音',
  },
}
