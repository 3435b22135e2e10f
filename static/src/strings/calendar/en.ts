/** Calendars, courses, kinds of lessons, lessons on the spot. */
export default {
  kind: { lecture: 'School lesson', members_meeting: 'Members’ meeting', committee_meeting: 'Committee meeting', group_meeting: 'Group meeting', party_class: 'Party class', theme_day: 'Theme day' },
  spot: {
    tag: 'On the spot', title: 'Held on the spot, without sound or picture', phone: 'Sign in when you are there: scan the code on the venue’s screen, or ask the staff. Questions and credit work as ever.', there: 'You are signed in on the spot', thereDetail: 'Please stay. Questions come up here; credit is settled by the rule.', go: 'Please come to {venue}',
    venue: 'Scan the code on the right to sign in. Without a phone the operator signs you in (key 5).', console: 'There is no picture to switch. Sign-in, roll call, quizzes and the back-channel work as ever; credit is settled afterwards.', desk: 'No camera and no microphone are needed. Questions, slides and inquiries work as ever.', missing: 'Who is missing, and signing in for them',
  },
  plan: {
    kind: 'Kind of lesson', kindHint: 'Whether meetings and theme days are held in time is told by kind.', media: 'Sound and picture', mediaHint: 'Pictures and sound between the desk, the venues and phones.', spotHint: 'Held on the spot only: no broadcast and no recording. People sign in there; questions, attendance and credit work as ever.', course: 'Course', courseNone: 'Of no course',
    willSpot: 'No broadcast; who is expected signs in on the spot', filterKind: 'Kind', allKinds: 'All kinds', way: 'Held', broadcast: 'With sound and picture',
  },
}
