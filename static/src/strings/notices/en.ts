/** Words of notices; they travel with the parts that show them. */
export default {
  inbox: {
    title: 'Notices', unread: '{n} unread', all: 'All notices', none: 'No notices yet', noneDetail: 'You are told here when there is a lesson for you.', readAll: 'Mark all as read', more: 'Earlier notices', read: 'Mark as read', unreadAgain: 'Mark as unread', isUnread: 'Unread',
    invite: 'Invitation', day: 'Reminder', hour: 'Starts soon', moved: 'New time', make_up: 'To make up', until: 'Watch the recording and answer its questions until {t}', noneStaff: 'You are told here of overseen items and of credit.',
    was: 'It was {t}', credit_short: 'Credit missing', credit_corrected: 'Credit corrected', corrected: 'From {a} to {b} hours, by {by}; ask for a review among your credit, or your administrator.', oversight_asked: 'An item for your branch', oversight_returned: 'An item came back', oversight_soon: 'An item is due soon', oversight_overdue: 'An item is past its day', oversight_answered: 'An item was answered',
    short: '{n} hours are missing in {y}', shortUntil: 'To be earned by {d} · reminded by {by}', subjects: { missing: 'Absences', credit: 'Credit missing', meeting: 'Overdue meeting', other: 'Other' },
    due: { oversight_asked: 'Asked by {a}; please answer by {d}', oversight_returned: 'Sent back; please answer again by {d}', oversight_soon: 'Not answered yet; its last day is {d}', oversight_overdue: 'Not answered; its last day was {d}', oversight_answered: 'Last day {d}; please look at the answer, then close it or send it back' },
    now: { met: 'By now nothing is missing', gone: 'No longer yours to look after, or cleared after its time', overdue: 'By now past its day, not answered', answered: 'By now answered, to be closed', closed: 'By now closed', withdrawn: 'By now withdrawn: nothing to do', returned: 'By now sent back, to be answered again' },
    overtaken: 'Moved again, now {t}', cancelled: 'This lesson was cancelled', draft: 'This lesson is being rescheduled; you will be told the time', over: 'Over',
  },
  waves: {
    title: 'Notices', off: 'Notices are off', offDetail: 'The system administrator has turned them off in the settings.', made: 'Went out {t}, to {n} people', due: 'Planned for {t}', overtaken: 'Not sent by itself: a later one went out in its place', channel: 'Channel', read: 'Read', portalOnly: 'In the portal only; 企业微信 and text messages are set up by the system administrator.',
    by: { portal: 'Portal', wecom: '企业微信', sms: 'Text message' }, state: { queued: 'Waiting', sent: 'Sent', failed: 'Failed', unknown: 'Not known', stopped: 'Not needed' },
    troubled: 'What did not go out', retry: 'Send the failed ones again', retryUnknown: 'Also those not known', unknownDetail: 'What is not known may have arrived: sent again, it may come twice.', who: 'Name', what: 'State', why: 'Reason', first: 'Only the first {n} are listed',
    calls: 'Call list', callsDetail: 'Who is expected, neither signed in nor on leave, and was not reached by a notice: please call them. Looking at it leaves a line in the audit log.', show: 'Show the list', again: 'List again', print: 'Print', unit: 'Unit', phone: 'Telephone', place: 'Place', note: 'Note', noPhone: 'None on file', because: { no_channel: 'No 企业微信, no text messages', not_reached: 'Not reached' }, noCalls: 'Nobody to call', noCallsDetail: 'Whoever is expected was reached, is signed in, or on leave.', leftOut: '{n} more are not listed',
  },
}
