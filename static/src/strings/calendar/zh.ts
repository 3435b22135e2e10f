/** Calendars, courses, kinds of lessons, lessons on the spot. */
export default {
  kind: { lecture: '党校课', members_meeting: '党员大会', committee_meeting: '支委会', group_meeting: '党小组会', party_class: '党课', theme_day: '主题党日' },
  spot: {
    tag: '现场', title: '本场在现场进行，不带音视频', phone: '到现场后签到：扫会场屏幕上的二维码，或请工作人员协助签到。答题和学时照常。', there: '您已在现场签到', thereDetail: '请留在现场。题目发布时，在这里作答；学时按规则核定。', go: '请到{venue}',
    venue: '请扫右侧的二维码签到。没有带手机的，由操作员协助签到（按 5）。', console: '没有画面可以切换。签到、点名、答题和会务联络照常；下课后核定学时。', desk: '不需要摄像头和话筒。题目、课件、提问照常使用。', missing: '未到名单与协助签到',
  },
  plan: {
    kind: '课程类型', kindHint: '三会一课和主题党日按类型统计是否按期开展。', media: '带音视频', mediaHint: '讲台、会场和手机之间传送画面和声音。', spotHint: '只在现场进行：没有直播和录像，学员在现场签到，答题、考勤和学时照常。', course: '所属课程系列', courseNone: '不属于任何系列',
    willSpot: '没有直播，应到人员在现场签到', filterKind: '类型', allKinds: '全部类型', way: '方式', broadcast: '音视频直播',
  },
}
