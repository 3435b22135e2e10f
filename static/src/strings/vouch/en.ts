/** Words of leave, random checks, what is to be looked at and corrections; they travel with the parts that show them. */
import type zh from './zh'

const words: typeof zh = {
  leave: {
    cannot: 'You cannot come to this lesson?', ask: 'Ask for leave', title: 'Leave', for: 'Ask your branch secretary for leave: {lesson}', reason: 'Reason', reasonHint: 'For example: travelling, on duty, seeing a doctor. The secretary who decides can read it.', needReason: 'Enter the reason.', send: 'Ask for leave', withdraw: 'Withdraw', again: 'Ask again',
    state: { asked: 'Leave asked for', approved: 'On leave', refused: 'Leave refused', withdrawn: 'Leave withdrawn' }, own: { asked: 'The secretary decides; until then you can withdraw it.', approved: 'You do not count as missing. If you can come after all, just sign in.', refused: 'Please come, or explain and ask again.', withdrawn: 'Please come.' }, answer: 'The secretary: {a}',
    waiting: 'Leave to decide: {n}', none: 'Nobody asked for leave', noneDetail: 'What members ask on their phones is listed here.', list: 'Leave', approve: 'Grant', refuse: 'Refuse', approveAsk: 'Grant leave to {name}?', refuseAsk: 'Refuse leave to {name}?', will: 'The member sees the result and your answer.', answerTo: 'Answer', needAnswer: 'Enter an answer.', fine: 'Granted',
    told: 'Take down leave', toldAsk: 'Take down leave of {name}', toldWill: 'For who told you in person: it is granted with it, and says that you entered it.', by: 'entered by {name}', decided: '{name} · {t}',
  },
  place: {
    label: 'Your place', phone: 'By phone', choose: 'Change', title: 'Choose your place', lead: 'You can change it until sign-in opens; afterwards ask the secretary of your branch or the staff.', seats: '{n} seats, {m} people', left: '{n} seats, {m} left', full: 'full, you may come all the same', joined: '{m} people by phone', save: 'Choose', own: 'your choice', plan: 'as your branch is placed', given: 'given by the staff',
    change: 'Change place', ask: 'Change the place of {name}', will: 'Roster, boards and the missing list follow; the reason stands in the lesson’s log, and the member sees the new place.', to: 'To', reason: 'Reason', reasonHint: 'For example: on site today, cannot travel.', needReason: 'Enter the reason.', same: 'Choose another place.',
  },
  check: {
    title: 'Random check', ask: 'Are you there?', detail: 'One tap before the time is over; picture and sound go on.', here: 'I am here', left: '{s} s left', sent: 'Confirmed', sentDetail: 'Thank you; please go on listening.', over: 'The time to confirm is over', overDetail: 'The lesson goes on for you; ask for a review afterwards if in doubt.', failed: 'It was not sent, trying again', evidence: 'Random checks', counted: 'asked {n} times, confirmed {m}',
  },
  inFront: { away: 'This page was in the background for about {n} min: that does not count', awayDetail: 'Keep it in front while you listen; up to a minute away costs nothing.' },
  doubt: {
    list: 'To look at', waiting: '{n} to look at', none: 'Nothing to look at', noneDetail: 'Doubtful sign-ins are listed here, for you to find out and confirm or dismiss. Nobody is punished by the system.', lead: 'Ask the member and the venue. Who was not there is then corrected in the attendance.', confirm: 'Was not there', dismiss: 'Dismiss', confirmAsk: 'Confirm that {name}’s sign-in is wrong?', dismissAsk: 'Dismiss the doubt about {name}?', will: 'Your finding and its reason are kept; the sign-in stays as it is.', reason: 'What you found out', needReason: 'Write what you found out.',
    never: 'did not get signed in', found: { confirmed: 'Confirmed', dismissed: 'Dismissed' }, by: '{r} · {name} · {t}', level: { strong: 'Strong evidence', fair: 'Fair evidence', weak: 'Weak evidence' }, network: { yes: 'in the venue’s network', no: 'not in the venue’s network' }, latency: 'code used after {s} s', present: 'online {p} %',
  },
  network: { set: 'Network', title: 'Where sign-ins of {name} come from', detail: 'Sign-ins from these networks are strongly evidenced. Empty: not judged; mobile data works as ever.', text: 'Networks', hint: 'One a line, for example 192.168.8.0/24.', shares: 'People share a device', sharesDetail: 'They may log in and sign in on one device, one after the other.', save: 'Save', none: 'not set', column: 'Network' },
  correction: {
    list: 'Corrections', waiting: 'Corrections to confirm: {n}', none: 'No corrections', noneDetail: 'Press “Correct” in the list of people to change somebody’s attendance; the record and every correction stay.', correct: 'Correct', ask: 'Correct the attendance of {name}', will: 'It says “{s}” now. Sign-in and presence stay as they are; the correction is noted beside them, with your name.', willTwo: 'It says “{s}” now. It holds when a second person has confirmed it.', to: 'Correct to', reason: 'Reason', needReason: 'Write the reason.', save: 'Correct',
    from: '{a} → {b}', states: { waiting: 'Waits', holds: 'Holds', declined: 'Declined' }, by: 'asked by {name} · {t}', decided: '{name}: {a}', approve: 'Confirm', decline: 'Decline', approveAsk: 'Confirm this correction?', declineAsk: 'Decline this correction?', answer: 'Opinion', needAnswer: 'Write your opinion.', fine: 'It is so', mark: 'corrected',
  },
  helped: { reason: 'Why', reasonHint: 'For example: no smartphone, battery empty. May be left out.' },
  way: { qr: 'by QR code', code: 'by typed code', phone: 'by phone', assisted: 'by the operator', kiosk: 'at the venue\'s screen' },
  outcome: { present: 'Present', late: 'Late', left_early: 'Left early', on_leave: 'On leave', absent: 'Absent' },
  rates: { ofExpected: 'of expected', ofDue: 'of expected less leave', onLeave: 'On leave' },
}
export default words
