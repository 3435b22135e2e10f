/** Words of notices; they travel with the parts that show them. */
export default {
  inbox: {
    title: 'Notices', unread: '{n} unread', all: 'All notices', none: 'No notices yet', noneDetail: 'You are told here when there is a lesson for you.', readAll: 'Mark all as read', more: 'Earlier notices', read: 'Mark as read', unreadAgain: 'Mark as unread', isUnread: 'Unread',
    invite: 'Invitation', day: 'Reminder', hour: 'Starts soon', moved: 'New time', notMember: 'Notices are for members', notMemberDetail: 'Your account is not a member’s, so it gets none.',
    was: 'It was {t}', overtaken: 'Moved again, now {t}', cancelled: 'This lesson was cancelled', draft: 'This lesson is being rescheduled; you will be told the time', over: 'Over',
  },
}
