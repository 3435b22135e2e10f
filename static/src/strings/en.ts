import type zh from './zh'

const en: typeof zh = {
  app: { name: 'Party School', unknown: 'No such page', unknownDetail: 'Check the address, or go back to the start.', home: 'Back to start', loading: 'Opening…', pair: '{a}: {b}' },
  act: {
    back: 'Back', cancel: 'Cancel', close: 'Close', retry: 'Try again', copy: 'Copy link', copied: 'Copied', undo: 'Undo', open: 'Open',
    logout: 'Log out',
  },
  picture: { enlarge: 'Enlarge the picture', failed: 'The picture did not load. It shows:' },
  error: {
    unreachable: { title: 'The server does not answer.', detail: 'Check the network and try again; if others cannot reach it either, tell the staff.' },
    server: { title: 'The server could not do that just now.', detail: 'Wait a few seconds and try again; if it goes on, tell the staff.' },
    refused: { title: 'That was not done.', detail: 'Reload the page and try again.' },
    not_found: { title: 'This was not found.', detail: 'It may have been removed, or you may not see it.' },
    page: { title: 'Something went wrong in this page.', detail: 'Reload it; if it happens again, tell the staff what you were doing.' },
  },
  time: { moment: 'less than a minute', minutes: '{n} min', hours: '{h} h {m} min', days: '{d} d {h} h' },
  state: {
    draft: 'Draft', scheduled: 'Scheduled', open: 'Sign-in open', live: 'Live', ended: 'Ended', settled: 'Credit settled', archived: 'Archived', cancelled: 'Cancelled',
  },
  part: { main: 'Main venue', branch: 'Sub-venue' },
  signal: { none: 'No signal', poor: 'Poor signal', fair: 'Fair signal', good: 'Good signal' },
  look: { theme: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark', large: 'Large type', settings: 'Display' },

  login: {
    number: 'Number', numberHint: 'Member number or venue device number', password: 'Password', show: 'Show password', hide: 'Hide password', enter: 'Log in',
    needNumber: 'Enter your number.', needPassword: 'Enter your password.', forgot: 'Password forgotten, or the first time here? Ask your branch secretary for a code.', byCode: 'Use a code', byPassword: 'Use a password', wait: 'Try again in {s} s',
    lead: 'One lecture, in every venue and on every phone at once.',
  },
  portal: {
    calendar: 'Calendar', credit: 'Credit of {y}', branchCredit: 'Credit of the branch', creditDetail: 'See what each entry rests on', hours: 'hours',
    hello: 'Hello, {name}', next: 'Next lesson', now: 'On now', opening: 'Sign-in open', none: 'No lessons planned',
    noneDetail: 'New lessons will appear here.', later: 'Later lessons', startsIn: 'starts in {t}', startedAgo: 'started {t} ago', manage: 'Management', bank: 'Question bank', codes: 'Login codes', roles: 'Accounts and roles', account: 'My account', noPassword: 'No password yet: set one for the next login.',
    allRecordings: 'All recordings', recordings: 'Recordings to watch', lecturer: 'Lecturer', noLecturer: 'Lecturer not set', venues: '{n} venues', late: 'Past its start time, waiting to begin',
  },
  door: {
    desk: 'Open the desk', console: 'Open the console', venue: 'Open the venue screen', roster: 'Who is missing', phone: 'Watch', room: 'My room', early: 'Enter early', also: 'Other ways in',
  },
  stage: {
    noCamera: 'No picture on air yet', noCameraDetail: 'It appears by itself once the lecturer or a venue is connected.', camera: 'Lecturer', screen: 'Shared screen', sound: 'Listening, picture off',
    soundDetail: 'about 20 MB an hour', tapSound: 'Tap for sound', pictureSoon: 'Connecting the picture…', notYet: 'Not open yet',
    clip: 'A clip is playing: please listen', clipDetail: 'This device cannot show its picture. The picture comes back by itself after the clip.', weak: 'Weak network: sound only', weakDetail: 'The picture comes back by itself when the network is better.',
  },
  slate: { cut: 'The programme is interrupted, please wait', cutDetail: 'It goes on by itself, no need to reload', begins: 'Begins at {t}', soon: 'About to begin', pause: 'A short break', goesOnAt: 'Goes on at {t}', goesOn: 'About to go on' },
  phone: {
    start: 'Start watching', startDetail: 'Picture and sound begin with your tap', data: 'About 270 MB an hour', waiting: 'Not started yet', waitingDetail: 'Starts in {t}.', arm: 'Play when it starts', armed: 'Ready; it will play by itself.',
    waitingLate: 'It should have started; please wait.', ended: 'This lesson has ended', endedDetail: 'The recording will be on the start page.', cancelled: 'This lesson was cancelled',
    cancelledDetail: 'Please watch for a notice of your organisation.', full: 'Full screen', line: 'Line', audioOnly: 'Audio only', audioOff: 'Show picture', leave: 'Back to start',
    lines: 'Picture and line', auto: 'Automatic', autoDetail: 'Sharpness follows the network, under a second behind', listen: 'Audio only', listenDetail: 'About 20 MB an hour, steady on poor networks',
    steady: 'Steady line', steadyDetail: 'About 6 seconds behind, for networks that block the real-time line',
    mobile: 'You are on mobile data', mobileDetail: 'Watching takes about 270 MB an hour, audio only about 20 MB.', mobileGo: 'Watch anyway', mobileAudio: 'Audio only',
    off: 'Connection lost, coming back', offIn: 'trying again in {s} s', offNow: 'connecting again…', nowRetry: 'Try now', slow: 'Messages are delayed on this network',
    about: 'This lesson', log: 'What happened', logNone: 'Changes of the picture and other news will appear here.', here: '{n}', online: 'Online', tabs: 'Parts of this lesson',
  },
  status: {
    webrtc: 'Real-time line', hls: 'Steady line', connecting: 'Connecting', notStarted: 'Not watching', over: 'Ended', offline: 'Connection lost', silent: 'Phone silent', connected: 'Connected',
  },
  tab: { interact: 'Take part', papers: 'Papers', credit: 'My credit' },
  standing: {
    'signed-in': 'Signed in {t}', 'missing': 'Not signed in', 'missed': 'Did not sign in', 'not-open': 'Sign-in not open', guestTitle: 'You are not on the roster of this lesson', guestDetail: 'You may watch; sign-in and credit do not count. If you should take part, ask the staff to add you.', 'guest': 'Not on the roster', 'late': 'late', 'phone': 'By phone',
  },
  signIn: {
    understood: 'OK', do: 'Sign in', ways: 'Sign in at the venue', here: 'I am at a venue', assigned: 'Your place', scan: 'Scan the big screen', scanDetail: 'At the right of the venue’s screen', type: 'Type the six digits', typeDetail: 'Below the QR code',
    notThere: 'I am not there, I watch on this phone', notThereTitle: 'You are not at the venue?', notThereDetail: 'You will be signed in as watching by phone, not at {venue}. If you are there, go back and scan the big screen.', notThereGo: 'Sign in by phone',
    code: 'Six-digit code', codeHint: 'As the screen shows it now; it changes every 30 seconds.', confirm: 'Sign in', tooMany: 'Too many wrong codes', tooManyDetail: 'Type again in {n} minutes, or scan the QR code on the big screen now.', codeShort: 'Type six digits.', elsewhere: 'I am here, sign me in', rescan: 'Scan again', doneTitle: 'Signed in', doneBefore: 'You are signed in',
    nextVenue: 'Watch the venue’s screen and keep this phone silent.', nextQuiz: 'Answer questions on this phone.', nextPhone: 'You can start watching; questions rise by themselves.', enter: 'Open this lesson', page: 'Venue sign-in', venue: 'Venue', lesson: 'Lesson', until: 'Scanned at {t}; confirm before {u}',
    afterLogin: 'Scanned', afterLoginDetail: 'Log in, then tap “Sign in”. The time of the scan counts; it is kept for 10 minutes.', orType: 'If scanning fails, open the lesson and type the six digits of the screen.',
    problem: {
      sign_in_code_expired: { title: 'The QR code has changed', detail: 'It changes every 5 seconds; scan the one on the screen now.' },
      sign_in_code_invalid: { title: 'This is not a sign-in code', detail: 'Scan the sign-in code on the venue’s screen.' },
      sign_in_closed: { title: 'Signing in is not open now', detail: 'It is open from the opening to the end of the lesson; tell the staff if you missed it.' },
      proof_missing: { title: 'No scan, or one older than 10 minutes', detail: 'Scan the code on the venue’s screen again.' },
      too_fast: { title: 'Too many tries', detail: 'Wait a moment, then scan again.' },
      other: { title: 'You are not signed in yet', detail: 'Scan the code on the venue’s screen again; if it fails, ask the venue’s operator.' },
    },
  },
  scan: { title: 'Scan the big screen', aim: 'Put the QR code into the frame', foreign: 'This is not a venue’s sign-in code', opening: 'Opening the camera…', busy: 'Signing in…', toCode: 'Type the code instead', trouble: { denied: 'Allow this browser to use the camera in the phone’s settings, or type the six digits on the big screen.', insecure: 'Type the six digits on the big screen instead.', other: 'Scan with the phone’s own camera, or type the six digits on the big screen.' }, view: 'Camera picture' },
  room: { title: 'You are signed in at a venue', detail: 'Watch the venue’s screen. To avoid echo this phone plays no picture and no sound.', awaited: 'Your place is {venue}', awaitedDetail: 'Sign in when you are there. In the venue this phone plays no picture and no sound.', slides: 'Follow the slides on this phone', notThere: 'I am not there, watch here', moved: '{venue} goes on by phone', movedDetail: 'The venue cannot be used now. Go on with your phone; your attendance counts on.', coming: 'Please go to {venue}', comingDetail: '{from} cannot be used now. Scan the code there when you arrive; your attendance counts on.' },
  quiz: {
    remarked: 'The key of this question was corrected', former: 'It was: {a}', number: 'Question {n}', single: 'One answer', multiple: 'Several answers', true_false: 'True or false', fill_in: 'Fill in', ordering: 'Put in order', opinion: 'Opinion', word_cloud: 'Word cloud', left: '{s} seconds left', seconds: 's', chooseOne: 'Choose one', chooseSome: 'Choose one or more', rule: 'One submission per question; it cannot be changed.', submit: 'Submit', sending: 'Submitting…', again: 'Poor network: submitting again; it counts once.', sent: 'Submitted', sentDetail: 'The answer is shown when the question closes.',
    helped: 'Put in by somebody else: {r}', said: 'What was written', saidNone: 'Nothing has been approved yet', blankN: 'Blank {n}', wordN: 'Word {n}', opinionText: 'Your opinion', moveUp: 'Move “{o}” up', moveDown: 'Move “{o}” down', movedTo: '“{o}” is number {n} now', writeSome: 'Write something', noVote: 'no vote of the organisation', noVoteDetail: 'What is approved is shown, without your name.', ruleLast: 'You may change it until it is closed; the last one counts.', change: 'Change the answer', sentChange: 'You may change it until it is closed; the last one counts.', stands: 'The answer that you handed in before still counts.', paused: 'Paused', pausedDetail: 'What is left of the time goes on afterwards.', reopened: 'Opened again: {r}', afterReopening: 'You answered after it was opened again.', partly: 'Partly right, {p}%', given: 'Answered', wrote: 'You wrote: {t}', placedAt: 'You put it at {n}',
    over: 'Time is up', overDetail: 'The answer comes in a moment.', failed: 'Not delivered', failedDetail: 'Check the network and submit again; it counts once.', resubmit: 'Submit again', yours: 'Your answer', correct: 'Right answer', right: 'Right', wrong: 'Not right', missed: 'You did not answer', late: 'Your answer came after the deadline and does not count.', explanation: 'Explanation',
    nobody: 'Nobody answered', everybody: '{p}% right', all: 'Everybody', total: '{a} answered, {r} right ({p}%)', people: '{n}', unitAnswered: '{e} expected, {a} answered, {r} right', fold: 'Fold away', list: 'Questions', none: 'No questions yet', noneDetail: 'They rise by themselves when the lecturer asks.', answer: 'Answer question {n}', answerPaper: 'Go on with the paper', seePaper: 'See the answers', see: 'See answer {n}', running: 'Running', waiting: 'Not shown yet', options: 'Options', closed: 'Closed',
  },
  credit: {
    worth: 'Credit', worthNone: 'None', unit: 'credit', title: 'My credit', certificates: 'My certificates', before: 'Settled after the lesson', beforeSigned: 'You are signed in. After the lesson it is settled by the rule: {n} credit when you meet it.', beforeMissing: 'Sign in and take part. After the lesson it is settled by the rule: {n} credit when you meet it.', beforeNone: 'This lesson gives no credit; signing in is recorded as ever.', waiting: 'Waiting to be settled', waitingDetail: 'The result and its reasons will be here.',
    passed: 'Credit granted', failed: 'No credit for this lesson', reasons: 'Reasons', evidence: 'Evidence', signedIn: 'Sign-in', notSignedIn: 'Not signed in', present: 'Present', presentWords: '{p}% of the lesson', quiz: 'Questions', quizWords: '{answered} of {asked} answered, {right} right', quizNone: 'No questions were asked', madeUp: 'Make-up study', madeUpState: { open: 'under way', done: 'done', withdrawn: 'withdrawn' }, madeUpMarks: '{a} of {q} questions of the lesson answered', rule: 'Rule', ruleOf: '{name}, version {n}', entry: 'Entry', position: 'No. {n}', hash: 'Check value', at: 'Entered',
    review: 'Ask for a review', reviewLead: 'If you doubt the result, say what happened; an administrator looks at the evidence and answers.', reviewText: 'What happened', reviewHint: 'For example: I came at 08:50, my phone was flat, the operator signed me in.', send: 'Send', needText: 'Say what happened.', asked: 'asked {t}', decided: 'answered {t} by {who}', reviewOpen: 'Review in progress', reviewGranted: 'Review granted', reviewDeclined: 'Review declined',
    year: '{y}', sum: 'Total of {y}', before_year: 'Year before', next_year: 'Year after', entries: 'Entries', noEntries: 'No credit in this year yet', noEntriesDetail: 'It is entered when a lesson is settled.', lesson: 'Lesson', correction: 'Correction', make_up: 'Make-up', micro: 'micro-video', outside: 'Outside', teaching: 'teaching', open: 'My credit', notMember: 'This page shows a member’s own credit', notMemberDetail: 'Your account belongs to no member.', none: 'There is no result for you', noneDetail: 'You are not on the roster of this lesson; ask the staff if that is wrong.', all: 'See all credit',
  },
  hand: {
    raise: 'Raise hand', up: 'Hand is up', finish: 'Stop speaking', bar: { waiting: 'Hand up · no. {n}', invited: 'Your turn', on_air: 'On air' },
  },
  log: {
    cut: 'The programme was interrupted', cutEnded: 'The programme goes on',
    live: 'The lesson began', ended: 'The lesson ended', open: 'Sign-in opened', cancelled: 'The lesson was cancelled', taken: 'On air: {label}', cleared: 'Nothing on air', screenOn: 'Shared screen shown', screenOff: 'Shared screen hidden',
    recordingRunning: 'Recording', recordingPaused: 'Recording paused', recordingFinished: 'Recording finished', moved: 'Media service is back, connecting again', paperLaunched: 'A paper of {n} questions is asked', quizLaunched: 'Question {n} opened', quizClosed: 'Question {n} closed', quizReopened: 'Question {n} opened again', quizRemarked: 'The key of question {n} was corrected',
  },
  venue: { time: 'Time' },
  manage: { columns: { unit: 'Unit' } },
}

export default en
