/** Words of notices; they travel with the parts that show them. */
export default {
  inbox: {
    title: '通知', unread: '{n} 条未读', all: '全部通知', none: '还没有通知', noneDetail: '有新的课时，这里会通知您。', readAll: '全部标为已读', more: '更早的通知', read: '标为已读', unreadAgain: '标为未读', isUnread: '未读',
    invite: '上课通知', day: '上课提醒', hour: '即将上课', moved: '改期通知', notMember: '这里是党员的通知', notMemberDetail: '您的账号不对应党员，没有通知。',
    was: '原定 {t}', overtaken: '已改期，现为 {t}', cancelled: '这场课已取消', draft: '这场课正在重新安排，时间另行通知', over: '已下课',
  },
}
