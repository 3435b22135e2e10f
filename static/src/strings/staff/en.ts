import type zh from './zh'

const en: typeof zh = {
  board: {
    present: 'Present', expected: 'Expected', missing: 'Missing', late: 'Late', left: 'Left', added: 'Added', onLoan: 'On loan', loanOf: 'on loan: {u}', phone: 'Phone', ratio: 'Attendance',
    presentOf: 'Present / expected', all: 'All here', missingN: '{n} missing', byVenue: 'By venue', byUnit: 'By unit', venues: 'Venues', units: 'Units', everyone: 'Everybody',
    at: 'As of {t}', stale: 'Numbers of {t}; reconnecting', staleShort: 'Connection lost: numbers may be old', notYet: 'No roster yet', notYetDetail: 'It is frozen when the lesson opens, and counting starts.',
    noRight: 'You may not see this attendance', noRightDetail: 'Log in as director, secretary or a venue of this lesson.', strayed: 'Somebody signed in elsewhere than planned: present counts the real place, missing the planned one.', beside: '{n} added later, not counted as expected',
  },
  curtain: {
    cutDo: 'Emergency cut', key: 'hold Q', cutHow: 'Hold for a second: everybody sees a slate and hears nothing at once; the recording too, with a mark.', cut: 'Cut off · all viewers see the slate and hear nothing', cutSince: 'since {t}, for {d}', lift: 'Back on the air', countdown: 'Countdown', title: 'Slate and countdown', lead: 'All viewers see the slate with the countdown and hear nothing; the recording too. Your wall goes on. You end it by a click.', leadBefore: 'Before the lesson all viewers see its name and the countdown and hear nothing. You end it by a click, or by starting the lesson.',
    note: 'Words shown', noteHint: 'At most 40 characters; empty before the lesson: its name', pauseNote: 'Intermission', start: 'Start', standby: 'Standby · {w}', before: 'before the lesson', standbyDetail: 'Viewers see the slate and hear nothing', resume: 'On the air', over: '{t} over', desk: 'The director has cut the programme', deskDetail: 'Everybody sees a slate and does not hear you. Please wait until it is restored.', deskStandby: 'Standby', deskStandbyDetail: 'Everybody sees a slate and hears nothing. It ends when the lesson starts or the director puts it on the air.',
  },
  hands: {
    lost: 'Nothing came from {n}’s phone for {s} s: the turn has ended and the former picture is back', one: 'Hands', none: 'No hands up', noneDetail: 'Members raise one on the phone, venues by key 2; they wait here.', next: 'Next', nextKey: 'N', take: 'Let speak', lower: 'Lower', finish: 'End turn', lowerAll: 'Lower all', lowerAllAsk: 'Lower all {n} hands?', lowerAllDetail: 'They see it and can raise them again. Whoever speaks goes on.', queue: '{n} waiting', history: 'Done',
    wait: 'waits {t}', byRoom: 'speaks in the room', speaking: 'On air', invited: 'Waiting for the connection', left: '{s} s left', back: 'The former picture comes back afterwards', states: { done: 'spoke', withdrawn: 'withdrawn', declined: 'not heard', missed: 'not connected' }, raise: 'Raise hand', up: 'Hand is up', place: 'Hand up · no. {n}', withdraw: 'Lower', nextIs: 'next {n}', waiting: '{n} hands', nobody: 'No hands', turnOf: '{n}, please speak · ', about: 'Raise this room’s hand', aboutDetail: 'Choose by digit what it is about; the director sees it in the queue.', topics: { ask: 'A question', speak: 'A statement', discuss: 'The discussion', report: 'A report' }, ownTopic: 'Something else, in own words', noTopic: 'No topic, just raise',
  },
  exports: {
    title: 'Export', lead: 'Files are kept for seven days; who downloads them stands in the audit log.', make: 'Export', stop: 'Cancel', running: 'Exporting, {p} %', until: 'Kept until {t}', key: 'Signed by {k}',
    camera: 'Programme, MP4', screen: 'Slides, MP4', package: 'Sealed package',
    kinds: { films: 'MP4 files', package: 'Sealed package' },
    what: { films: 'One file for each picture, nothing encoded anew, pauses left out.', package: 'Recording, event log, attendance, quizzes and credit, signed by this installation and verifiable anywhere.' },
  },
  hall: { layout: { even: 'Side by side', slides: 'Slides large', camera: 'Camera large' } },
  help: {
    tab: 'Contact', call: 'Call the director', callDetail: 'The director sees who you are and how long you wait, until somebody takes care.', again: 'Your call is still open; sending again changes its words, not its waiting time.', urgent: 'Urgent', urgentWhat: 'Goes first: for what stops the lesson, such as lost picture or sound', own: 'Something else, 200 characters at most', send: 'Send', ready: { picture: 'Trouble with the picture', sound: 'Trouble with the sound', people: 'Somebody here needs help', contact: 'Please contact me' },
    waiting: 'The director was called, waiting {t}', answered: 'The director: {t}', answeredBare: 'The director has seen it', withdraw: 'Withdraw', done: 'Done', waits: 'waits {t}', answeredAt: 'answered {t}', closedAt: 'closed {t}', coming: 'Coming', comingWords: 'Received, we take care of it now', reply: 'Reply', none: 'Nobody calls', noneDetail: 'Venues and the lecturer who call stand here, the urgent first.',
    notify: 'Tell all venues', notifyHint: 'To every operator, 200 characters at most', read: 'read {a}/{b}', unread: 'Unread: {v}', notice: 'From the director', understood: 'Understood',
  },
  patrol: {
    start: 'Patrol', pause: 'Pause', resume: 'Go on', stop: 'Stop', left: 'next in {s} s', by: 'Patrol', venues: 'Venue by venue', pages: 'Page by page', every: 'Each for', seconds: '{s} s', size: 'Tiles on a page', tiles: '{n} a page',
  },
  tile: {
    menu: '{label}: more', take: 'Show this venue to everybody', speech: 'Right to speak', muted: 'Muted', mutedWhat: 'Its sound is closed; the venue cannot open it', allowed: 'May speak', allowedWhat: 'It may open its microphone; nobody hears it yet', speaking: 'Speaking', speakingWhat: 'Its sound is open to everybody',
    forced: 'Muted by the director', forcedHow: 'The director has muted this venue: the microphone stays off. Tell the director if you want to speak.', granted: 'Please speak: press 3',
  },
  spare: {
    take: { spare: 'Spare machine takes over', main: 'Back to the main machine' }, keepsVenue: 'Picture, sound and shared screen change together; a venue that speaks keeps the picture.', otherAway: 'The other machine is not connected',
    title: 'Spare machine', waits: 'Ready, not on the air', taught: 'The lesson is taught from the spare machine', taughtDetail: 'Picture and sound of this machine are not on the air.', become: 'Use as the spare machine', becomeMain: 'Use as the main machine',
    busy: 'The main machine is sending already', busyDetail: 'This computer can stand by as the spare one, and take over with one click.', force: 'Take over by force', forceTitle: 'Take this source over by force?', forceDetail: 'The other device is cut off at once and this computer sends on. Viewers stay connected.',
  },
  clip: {
    open: 'Play a clip', title: 'Play a clip', detail: 'The clip takes the main picture and is heard alone, also in the recording; afterwards picture and sound are as before.',
    none: 'This lesson has no clips yet', noneDetail: 'Open the lesson under Lessons, upload a video in its materials; once converted it can be played here.', failed: 'The conversion failed', converting: 'Converting {n}%',
    play: 'Play', pause: 'Pause', resume: 'Resume', stop: 'Stop', left: '{t} left', paused: 'Paused · {t}', progress: 'Progress',
  },
  talkback: {
    start: 'Talk', end: 'End talking', key: 'T', what: 'Hold T and speak, or press once to begin and once to end; only this venue hears it.', only: 'Only this venue hears it', choose: 'Put a venue into the preview first', away: 'Its screen is not open',
    connecting: 'Connecting {v}…', on: 'Talking to {v}; nobody else hears it', airTitle: 'This venue is on the air', airDetail: 'Its loudspeaker would carry your voice through its microphone to everybody. Take it off the air or mute it first.', airYes: 'Talk all the same',
    here: 'The director speaks to this venue only', by: '{n} speaks', reply: 'Press 3 to answer; the others do not hear it', output: 'Play it on', outputDefault: 'System default',
  },
  roll: {
    start: 'Call the roll', again: 'Call again', lead: 'One sub-venue after the other, one key each.', leadDetail: 'The called venue goes into the preview with picture and sound; the system proposes a result by picture, sound and answer, and you confirm.', none: 'The lesson has no sub-venue', noneDetail: 'Sub-venues are added when the lesson is planned.', notOpen: 'You can call the roll once the venues are open', calling: 'Calling', progress: '{a} / {b}', number: 'Roll call {n}',
    result: { answered: 'Answered', no_picture: 'No picture', no_sound: 'No sound', absent: 'No answer' }, uncalled: 'Not called', proposal: 'Proposed', enter: 'Enter', waiting: 'Waiting {s} s', answered: 'The venue pressed Answer', keys: '1–4 result · Enter as proposed · Backspace goes back · click a venue to call it again', finish: 'Finish', unfinished: '{n} venues have not been called', back: 'Previous',
    doneAt: 'Finished at {t}', allThere: 'Every venue answered', failing: 'Venues to look after ({n})', sheet: 'Export the sheet', ofVenue: 'Roll call: {r}', please: 'Roll call · please answer', pleaseHow: 'Press 5, or open the microphone and say “here”', answer: 'Answer', thanks: 'Answered · waiting for the director', wait: 'A roll call is on, please wait', short: 'Roll call',
  },
  failover: {
    move: 'Move people', moveAsk: 'Move its people…', title: '{venue}: move its people', detail: 'When a venue cannot go on, its people go to another one or to their phones, and their attendance goes with them. One press brings them back.',
    people: '{n} people will move', signedIn: '{n} signed in there', waiting: '{n} expected, not signed in', where: 'Where to', planned: 'as planned', phones: 'phones', phonesDetail: 'Picture and sound begin on everybody’s phone', offline: 'Offline',
    seats: '{a} of {b} seats taken; {c} more would come', tooSmall: ', not enough seats', go: 'Move {n} people', movedTo: '{t} moved to {venue}, {n} people', arriving: '{n} not there yet', restore: 'Restore',
    here: 'Staff has moved this venue’s people to {venue}', hereDetail: 'Tell those in the room to look at their phones. This goes when the venue is restored.',
    toPhones: 'Who is signed in: the phone shows picture and sound at once, and attendance goes on by it. Who is not: signs in by phone. Who is back within ten minutes loses nothing.',
    toVenue: 'Who is signed in: the phone says to go to {venue}; the scan there (or its operator) confirms the arrival, from which on {venue} counts. Who arrives within ten minutes loses nothing. Who is not signed in signs in at {venue}.',
  },
  readiness: {
    card: 'Venues', cardDetail: 'Each sub-venue runs the preflight on its screen and its operator signs it. Choose a fallback for those that have not: in trouble the director moves their people with one press.', exposed: '{n} venues are not ready and have no fallback', allSigned: 'All sub-venues have signed', fallbackOne: 'Fallback', noFallback: 'No fallback', seatsOf: '{v} ({n} seats)',
    kioskOn: 'Kiosk on', kioskOff: 'Kiosk off', tab: 'Venues', none: 'The lesson has no venues', noneDetail: 'Once the lesson has venues, their preflights and moves stand here.', main: 'The main venue is sent by the lecturer’s desk', comma: ', ', reason: 'Signed with: {r}', fallback: 'Fallback: {v}', signedAt: '{n} signed {t}',
    state: { none: 'No preflight', running: 'Preflight unfinished', failed: 'Preflight failed', warned: 'Warnings, to be signed', passed: 'Passed, to be signed', signed: 'Signed off', stale: 'Preflight too old, or other devices' },
    check: { browser: 'browser', camera: 'camera', microphone: 'microphone', speaker: 'loudspeaker', clock: 'clock', uplink: 'uplink', line: 'line' },
  },
  kit: {
    open: 'Room kit', title: '{name}: room kit', detail: 'A venue without a computer is sent by a hardware encoder with WHIP: give it this address and key. While it sends, the venue’s page sends no picture.',
    none: 'No key has been issued. A key is for this venue and this lesson only, and can be revoked at any time.', issue: 'Issue a key', once: 'The key is shown this once', onceDetail: 'Enter it at the encoder now. It cannot be seen again; if it is lost, revoke it and issue another.', address: 'Address (WHIP)', key: 'Key (bearer token)', copy: 'Copy',
    seen: { away: 'Room kit: not connected', looking: 'Room kit: connected, being checked', good: 'Room kit: picture, sound and line are good', bad: 'Room kit: look at' },
    state: { sends: 'The encoder is connected', used: 'Not connected; last seen {t}', unused: 'Issued; the encoder has not come yet' }, issued: '{n} issued it {t}', revoke: 'Revoke the key', revokeAsk: 'The encoder is cut off at once and cannot send by this key again.', revokeYes: 'Revoke it',
  },
  preflight: {
    title: 'Preflight', start: 'Start', again: 'Run all again', one: 'Run this again', working: 'Checking…', notYet: 'Not checked yet', sign: 'Sign off', signer: 'Operator’s name (optional)', why: 'There are warnings: say why they are acceptable',
    ask: 'Did you hear the test tone?', yes: 'Heard it', no: 'Did not', cannotSign: 'A check failed: it cannot be signed off. Do what it says and run it again, or ask the director for a fallback.', keys: '1–7 look at a check · Enter next · R run all · 9 or Esc close',
    byKit: 'A room kit sends for this venue: the server looks at the picture, sound and line that arrive. Speak into the kit’s microphone.', byServer: 'arrives', kitUplink: { slow: 'The room kit sends very little. Check its bit rate and its network.', too_slow: 'Nothing of the room kit arrives. Check that it sends and that the network lets it.' }, kitMissing: { camera: 'No picture of the room kit arrives. See whether it is sending.', microphone: 'No sound of the room kit arrives. Check its microphone and sound settings.' },
    doing: { browser: 'Looking at the browser', camera: 'Looking at the picture; leave the lens free', microphone: 'Speak into the microphone for {s} seconds', speaker: 'Quiet, please: a test tone is playing', clock: 'Comparing clocks with the server', uplink: 'Measuring the uplink', line: 'Sending a test picture, about 5 seconds' },
    says: {
      browser: { ok: 'The browser may use camera and microphone and can send H264.', insecure: 'This page may use no camera and no microphone. Open it by an https:// address.', no_h264: 'This browser cannot send H264: some phones would not see this venue. Use Chrome or Edge.' },
      camera: { ok: 'The picture is clear and moves.', black: 'The picture is black. Open the lens, put on light; with a capture card check the HDMI source and cable.', frozen: 'The picture stands still. Plug camera or capture card in again; with a room kit see that it sends a picture.', coarse: 'The picture is coarse: it will be unclear on a big screen. Take another camera, or set the kit’s output higher.', slow: 'Too few pictures a second. Close other programs that use the camera; put on light if it is dark.' },
      microphone: { ok: 'Clearly heard.', silent: 'There is no sound. Switch the microphone on, check its plug, or choose another one below.', quiet: 'Too quiet. Come nearer to the microphone, or raise the input volume.', clipped: 'Too loud, it is distorted. Go further from the microphone, or lower the input volume.' },
      speaker: { ok: 'The microphone heard the test tone.', confirmed: 'The operator heard the test tone.', unheard: 'The test tone was not heard. Switch on the loudspeaker, raise its volume, check the screen’s sound output.' },
      clock: { ok: 'The clock agrees with the server’s.', off: 'The clock is off. The lesson does not mind, but times in logs will differ. Switch on automatic time.', wrong: 'The clock is far off. Switch on automatic time and check the time zone.' },
      uplink: { ok: 'The uplink suffices.', slow: 'The uplink is low: the picture will be made smaller. Use a cable, stop other uploads.', too_slow: 'The uplink is too low to send a picture. Use a cable or another line, or ask for a fallback.' },
      line: { ok: 'The test picture came by UDP without notable loss.', no_packets: 'The test picture did not arrive. Ask the network’s administrator to let the media port through (UDP, or TCP of the same number).', lossy: 'Too much is lost: the picture will stall. Use a cable or another line.', tcp: 'TCP only: on a bad network the delay grows. Ask the network’s administrator to let the media port’s UDP through.', some_loss: 'A little is lost. Use a cable.' },
    },
  },
  kinds: { full: 'Member', probationary: 'Probationary', candidate: 'Candidate', activist: 'Activist', guest: 'Guest' },
  ways: { qr: 'Scanned', code: 'Code', phone: 'Phone', assisted: 'Assisted', kiosk: 'Kiosk' },
  inquiryStaff: {
    views: 'Lists', view: { waiting: 'Waiting', shown: 'Shown', rest: 'Not taken' }, export: 'Export', all: 'All', tick: 'Select', approveMany: 'Approve {n}', declineMany: 'Decline {n}', approve: 'Approve A', decline: 'Decline D', merge: 'Merge G', mergeInto: 'Merge “{text}” into which one?', mergeHere: 'Into this one', stage: 'On stage S', unstage: 'Off stage S', answered: 'Answered R', write: 'Written answer W', assign: 'Who answers E', assignHint: 'Lecturer, a venue or a name', undo: 'Undo U', save: 'Save', up: 'Up', down: 'Down', reopen: 'Back O',
    lecturer: 'Lecturer', names: 'Show names', band: 'On screens', hand: 'Order by hand', none: { waiting: 'Nothing waits', shown: 'Nothing is shown yet', rest: 'Nothing was declined' }, noneDetail: 'What members ask comes here first, and is shown once approved.', keys: 'J K move · A approve · D decline · G merge · S stage · R answered · W written · E who · O back · X select · U undo', mergeKeys: 'J K move · Enter merges · Esc cancels',
    approved: 'Questions', noneApproved: 'Nothing approved yet', noneApprovedDetail: 'What staff approve shows here.', tab: 'Questions',
  },
  talkCard: { title: 'Questions and roll call', detail: 'Questions can be answered in writing after the lesson, too; members read it on their phones.', answer: 'See and answer questions', how: 'Choose one and press “Written answer”; what waits is approved first.', inquiries: 'Export questions' },
  signalsStaff: { hint: 'Many hear badly' },
  chapter: { key: 'B', mark: 'Mark chapter', marked: 'Marked {t}', hint: 'A title, if you like', save: 'Save', skip: 'No title', list: 'Chapters', listDetail: 'Save a title after changing it; a chapter that is removed is gone from the replay.', none: 'No chapters yet', noneDetail: 'Press B to mark one; an answered inquiry makes one, too.', title: 'Title', remove: 'Remove', removeYes: 'Remove it', cut: 'Emergency cut {t}', cutStill: 'Emergency cut (not ended)' },
  rail: {
    scan: 'Scan to sign in', qr: 'Sign-in QR code', typed: 'Code', codeWaits: 'The code is coming back, please wait', missing: '{n} missing', everybody: 'Everybody expected is here', assist: 'Assist', kiosk: 'Kiosk', quiz: 'Question',
  },
  assist: {
    title: 'Sign in for somebody', short: 'Sign in', lead: 'For people without a phone', detail: 'Make sure the person is here. The record says that staff assisted.', narrowed: 'Number has {d}: {n} found', ask: 'Sign in for {name}?', confirm: 'Sign in', done: '{name} signed in',
    keys: 'Arrows choose · Enter signs in · digits find a number · Esc closes', noMatch: 'No such number', noMatchDetail: 'Correct it with backspace, or ask the director to add the person.',
  },
  quizzes: {
    one: 'Quiz', number: 'Question {n}', kind: { single: 'One answer', multiple: 'Several answers', true_false: 'True or false', fill_in: 'Fill in', ordering: 'Put in order', opinion: 'Opinion', word_cloud: 'Word cloud' }, noVote: 'no vote of the organisation', paused: 'Paused', pause: 'Pause', resume: 'Go on', longer: '30 s more', reopen: 'Open again', reopenAsk: 'Open this question again?', reopenDetail: 'What was told is folded away; whoever has not answered may answer. The reason is logged and shown on every face.', reopenReason: 'Reason', reopenHint: 'e.g. the network of workshop 2 was down', reopened: 'Opened again: {r}', seconds: '{s} s', secondsLeft: 'seconds left', counting: 'Counting', nobody: 'Nobody answered', ratio: 'answered right', answered: 'Answered', answeredOf: '{a} of {e} answered',
    onPhone: 'Answer on your phone', closed: 'Closed', rightAnswer: 'Right answer', explanation: 'Explanation', running: 'Running', summary: '{a} answered · {p} % right', agenda: 'Run of show', none: 'No questions prepared', noneDetail: 'Write one with “New question”; launch it in the lesson.',
    paper: 'Launch as a paper', paperLead: 'The chosen questions go out at once, with one time for all; each is marked by itself.', paperSome: 'Choose 2 to 50 questions', paperMinutes: 'Time (minutes)', mixQuestions: 'Questions in an order of each member’s own', mixOptions: 'Options in an order of each member’s own', paperKeepLast: 'Answers may be changed until the end; each mark is saved by itself', paperSaves: 'Who has not handed in when the time is over is collected: the last saved answer of each question counts.', paperFirst: 'Each question is submitted once; at the end the phone submits what is marked.', handedIn: '{n} handed in', missingPaper: 'Not handed in', missingPaperOf: '{n} of {e} neither handed in nor answered all', missingPaperNone: 'Everybody handed in or answered all', givenOf: '{n}/{m} answered', paperSend: 'Launch {n} questions', paperOf: 'Paper · {n} questions', paperNamed: '{p} · {n} questions', finished: 'Finished', finishedOf: '{a} of {e} finished', begun: '{n} have begun', stopPaper: 'Close the paper', reopenPaper: 'It belongs to a paper: all its questions are opened again.', paperPlace: 'Question {n} / {m}', paperTurn: '← → turn', showPaper: 'All questions',
    missing: 'Who is missing', missingTitle: 'Question {n}: who has not answered', missingOf: '{n} of {e} have not answered', missingUnit: '{n} of {e} missing', missingNone: 'Everybody has answered', missingMore: '{n} more are not listed.', keepLast: 'Answers may be changed until it closes; the last one counts', isLast: 'may be changed', launch: 'Launch', stop: 'Close', explain: 'Explain', fold: 'Fold', look: 'Look', unitRatio: 'Right answers by unit',
  },
  planned: {
    title: 'Planned launches', plan: 'Plan a launch', lead: 'The server launches it by itself. The desk counts down to it; launch it sooner, put it off or cancel it there.', what: 'What (several are a paper)', when: 'When', noQuestions: 'No question is free: prepare one first, or cancel a planned launch.', send: 'Plan {n} question(s)', mix: 'Questions and options in an order of each member’s own',
    kinds: { minutes: 'Minutes after the start', chapter: 'When a chapter is marked', page: 'When a page of the slides is reached' }, number: { minutes: 'Minutes after the start', chapter: 'Which marking of a chapter', page: 'Which page' }, hint: { minutes: 'Counted from “Start”', chapter: 'Counted from the start, by hand-made marks; launched 10 s later', page: 'That page or a later one, 10 s later; pages turned before the start don’t count' }, deck: 'Slides', noDeck: '(no slides are ready)',
    mark: { minutes: '{n} min after the start', chapter: 'at chapter mark {n}', page: 'at page {n} of “{d}”' }, waits: 'Waits for its mark', in: 'in {t}', nowComes: 'Being launched', held: { quiz: 'Waits for the running question, then 20 s', curtain: 'Waits for the slate to lift, then 20 s' },
    missed: { away: 'Not launched: the server was away for more than a minute', question_gone: 'Not launched: the question was removed', asked: 'Not launched: it was asked already', too_many: 'Not launched: the lesson may ask no more' }, gone: 'The question was removed', goneOf: '{n} of them were removed: cancel it and plan again', now: 'Launch now', later: 'Put off 5 min', cancel: 'Cancel it', cancelAsk: 'Cancel this planned launch?', cancelDetail: 'The question stays in the run of show; launch it or plan it again at any time.', unread: 'Planned launches could not be read',
  },
  opinions: {
    title: 'Question {n}: approving', queue: 'Approving', soon: 'What is approved comes here', view: { waiting: 'Waiting', approved: 'Approved', hidden: 'Hidden' }, approve: 'Approve', hide: 'Hide', await: 'Let wait', undo: 'Take back', approveAll: 'Approve all {n}', listed: 'A listed word: decide on it by itself', more: 'The first 200 are listed.', keys: 'J K move · A approve · H hide · W let wait · U take back',
    none: { waiting: 'Nothing waits. What is written alike is decided on once.', approved: 'Nothing is approved yet; screens show nothing.', hidden: 'Nothing is hidden.' },
  },
  question: {
    title: 'Questions', add: 'New question', fromBank: 'From the bank', fromPaper: 'From a paper', bank: 'Bank', isFromBank: 'from the bank', edit: 'Edit', remove: 'Delete', removeAsk: 'Delete this question?',
    seconds: 'Time to answer (seconds)', rightIs: 'answer {a}',
    none: 'No questions yet', noneDetail: 'Write them ahead; the lecturer launches them from the desk.',
  },
  roster: {
    title: 'Roster and attendance', search: 'Find by name or number', state: 'State', states: { all: 'Everybody', missing: 'Missing', present: 'Present', late: 'Late', left: 'Left', on_leave: 'On leave', added: 'Added', walked_in: 'Came unlisted', on_loan: 'On loan' }, noMatch: 'Nobody matches', nobody: 'Nobody', more: 'Show more', count: '{n} people',
    add: 'Add a person', addDetail: 'Expected stays as it was frozen; the addition stands beside it, with sign-in and credit as usual.', number: 'Number', needNumber: 'Enter the number.', where: 'Place', reason: 'Reason', needReason: 'Enter the reason.', reasonHint: 'For example: on loan, attends today', addSave: 'Add to roster',
    left: 'Mark as left', leftAsk: 'Mark {name} as left?', leftDetail: 'Not counted as present from now on. The mark names who made it.', back: 'Take back', backAsk: 'Take back that {name} left?', backDetail: 'Counted as if nothing had been marked.', name: 'Name', kind: 'Kind', assigned: 'Assigned to', standing: 'State', signIn: 'Sign-in', signed: 'Present', really: 'really at {v}', addedWhy: 'Added: {r}', everyVenue: 'All venues', everyUnit: 'All units',
    notYet: 'The roster is not frozen yet', notYetDetail: 'It is frozen when the lesson opens, as arranged; until then it can be changed.', summary: '{e} expected · {p} present · {m} missing',
  },
  assign: {
    title: 'Who is expected where', save: 'Save', saved: 'Saved', lead: 'As arranged, {n} are expected', leadDetail: 'The roster is frozen when the lesson opens; later changes stand beside it.', locked: 'The roster is frozen', lockedDetail: 'It cannot be rearranged once the lesson is open; add people on the roster if needed.', units: 'Where units go', people: 'People', where: 'Place', whereOf: 'Place of {u}',
    byDefault: 'Not set ({p})', follows: 'As above ({p})', gone: 'A removed venue', exceptions: 'Single members', exceptionsDetail: 'Who goes elsewhere than their unit, or does not take part.', out: 'Not expected', drop: 'Remove', add: 'Add', numberOf: 'Number {n}', checkNumbers: 'Nothing was saved. Check the numbers just added: {n}', afterSave: 'Named and counted once saved', result: 'Expected per venue', seats: '{n} seats', over: '{n} more than seats: add chairs or use phones',
  },
  settling: {
    title: 'Credit', hours: 'Credit', n: '{n} hours', rule: 'Rule', ruleOf: '{r} (version {v})', ruleLater: 'Set when the lesson opens', willTitle: 'When you settle', willAll: '{n} people on the roster, {p} signed in: each is judged by the rule.', willMissing: '{n} who did not sign in fail; they can make it up.', willRule: 'By “{r}”, version {v}.', willNoRule: 'No rule is in force: nothing can be settled.',
    willGrant: 'Whoever passes gets {h} hours in the ledger, which only grows.', willReview: 'Everybody sees the result and why, and can ask for a review.', notYet: 'Not settled yet', notYetDetail: 'Credit can be settled once the lesson has ended.', search: 'Find by name', verdict: 'Result', everyVerdict: 'All results', passed: 'Passed', failed: 'Failed', behind: 'Evidence', review: 'Review', neverSigned: 'Did not sign in', presentShare: 'present {p} %', quizShare: 'answered {a}/{q}, {r} right', madeUp: { open: 'make-up study under way', done: 'made up', withdrawn: 'make-up study withdrawn' }, madeUpMarks: 'questions in the recording {a}/{q}', none: 'No credit',
  },
  correcting: {
    title: 'Correct the credit of {name}', lead: 'The entry and its evidence stay, the difference is entered; the member sees why and may ask for a review.', now: '{n} hours now', hours: 'Hours after the correction', hoursHint: 'For example 1.5; 0 takes all of it back', badHours: '0 to 100, two decimals at most.', same: 'The same as now.', reason: 'Reason', reasonHint: 'Say what shows it; the member reads it. For example: was not there, by the gate’s record.', needReason: 'Give a reason.',
    will: 'The difference to be entered is shown here.', takes: 'Will be entered: {n} hours less.', gives: 'Will be entered: {n} hours more.', takesAll: 'All {n} hours are taken back; the result becomes not passed.', act: 'Correct the credit', open: 'Correct',
  },
  reviews: {
    title: 'Reviews', evidence: '{lesson} · evidence', states: { open: 'Open', granted: 'Granted', declined: 'Declined' }, none: 'No open reviews', noneOther: 'No such reviews', noneDetail: 'Members who doubt a result can ask on their phones.', answer: 'Answer', grant: 'Grant', decline: 'Decline', grantAsk: 'Grant {name}’s review?', declineAsk: 'Decline {name}’s review?',
    grantWill: 'The ledger gets a correcting entry and the result becomes passed.', declineWill: 'The result stays; the member sees your answer.', answerTo: 'Answer to the member', needAnswer: 'Enter an answer.', answerHint: 'Name the grounds; the member reads this.',
  },
  rules: {
    title: 'Credit rules', lead: 'Rules are added, never edited. A lesson takes the rule in force when it opens; a new version ends the one before.', new: 'New rule', renew: 'New version', newDetail: 'Lessons that were opened keep their rule.', name: 'Name', unit: 'Unit', unitHint: 'Also for units below that have none of their own.', since: 'From', until: 'Until', untilHint: 'Empty: open. From that day on it no longer holds.', leastPresent: 'Present at least (%)', late: 'Late after (minutes)', lateHint: 'Only a mark; it costs no credit.',
    leastAnswered: 'Answered at least (%)', leastRight: 'Right at least (%)', emptyMeans: 'Empty: not required.', save: 'Publish rule', version: 'Version {v}', open: 'open', none: 'No rules yet', noneDetail: 'A lesson with credit needs a rule in force to be scheduled.', present: 'present ≥ {p} %', answered: 'answered ≥ {p} %', right: 'right ≥ {p} %', lateAfter: 'late after {m} minutes',
    standing: { now: 'In force', later: 'To come', over: 'Ended' }, needName: 'Enter a name.', badDates: 'The end must be after the start.', badPercent: 'A whole number from 0 to 100.', badLate: 'A whole number from 0 to 120.',
  },
  ruleChecks: {
    micro: 'micro-videos {s}/{m}/{l}, {t} more for the test', badMicro: 'Check lengths and hours: short has to be less than long.', microOn: 'Micro-videos give credit', microHint: 'By length: for watching enough, and more for the test; after its attempts the next is a day away.', microShort: 'Short: up to (minutes)', microLong: 'Long: from (minutes)', microWorthShort: 'Short gives', microWorthMiddle: 'Between gives', microWorthLong: 'Long gives', microTest: 'Test gives', rate: 'Fastest speed', marks: 'What the lesson asked is to be answered', marksHint: 'The recording stops where the lesson asked something; right or wrong, an answer is enough.', marked: 'Answered, at least (%)',
    asked: '{n} random checks', weighed: '{n} random checks, confirmed ≥ {p} %', leftEarly: 'left early: {m} minutes before the end', count: 'Random checks in a lesson', countHint: '0: none, 10 at most; nobody knows the moments.', least: 'Confirmed at least (%)', early: 'Left early: minutes before the end', earlyHint: 'Empty: only the operator’s mark says it, as it always does in rooms.', rooms: 'People in rooms confirm, too', roomsHint: 'Else only who listens on a phone is asked.',
    badEarly: 'A whole number from 1 to 999, or nothing.', badTerms: 'Make-up study: 1 to 366 days, shares of 1 to 100, 1 to 20 attempts, a pause of at most 1440 minutes.', makeUp: 'made up within {d} days, {p} % watched', makesUp: 'Can be made up', makesUpHint: 'Who did not pass gets the lesson to make up when it is settled: watch the recording, answer its questions, for an entry of its own.', days: 'Time (days)', watched: 'To be watched (%)', share: 'Share of the credit (%)', asks: 'Questions afterwards (those of the lesson, shuffled)', pass: 'Right at least (%)', attempts: 'Attempts', pause: 'Pause (minutes)', whom: 'Besides who was absent', badChecks: 'A whole number from 0 to 10.',
  },
  flag: { title: 'Please look at: {name}', device_taken: 'One phone for several people', proof_used: 'One scan used by several people', shared_device: 'One browser signed in several people; the sign-in stands', other: 'A sign-in to look at', how: 'How', seen: 'Looked at', what: 'Nobody was punished. Ask the venue: whoever really is there is signed in by assistance.' },
  manage: {
    notices: 'Notices', bank: 'Questions',
    title: 'Management', lessons: 'Lessons', recordings: 'Recordings', venues: 'Venues', portal: 'Back to start', newLesson: 'New lesson', edit: 'Edit', filterState: 'State', filterAll: 'All states', search: 'Find by title or lecturer', clear: 'Clear filters', count: '{n} lessons',
    columns: { title: 'Lesson', time: 'Time', lecturer: 'Lecturer', venues: 'Venues', state: 'State', actions: 'Actions', room: 'Room', seats: 'Seats', started: 'Started', length: 'Length', size: 'Size', name: 'Venue' },
    noLessons: 'No lessons yet', noLessonsDetail: 'Create one, set lecturer and venues, and open it to let them connect.', noMatch: 'No lesson matches', noMatchDetail: 'Change the filters or clear them.',
    noVenues: 'No venues yet', noVenuesDetail: 'The system administrator adds them.',
    held: 'Legal hold', heldSince: 'Since {t}, set by {name}. Nothing of this lesson is cleared and nobody in it is erased; the security administrator lifts it.',
    schedule: 'Schedule', open: 'Open', start: 'Begin', end: 'End', cancel: 'Cancel lesson', reopen_draft: 'Back to draft',
    will: {
      settle: 'Everybody is judged by the rule; whoever passes gets an entry in the ledger. This cannot be undone; doubts go to review.', archive: 'The lesson is filed and does not change any more.',
      schedule: 'The lesson appears on the start pages of lecturer, venues and members.', open: 'Lecturer, venues and members may connect; the clock does not run yet.', start: 'The clock runs; a recorded lesson is recorded from now.', end: 'All pictures end and the recording is finished. This cannot be undone.', cancel: 'The lesson is marked as cancelled for everybody. This cannot be undone.', reopen_draft: 'The lesson leaves everybody’s start page and can be changed.',
    },
    ask: { settle: 'Settle credit now?', archive: 'Archive it now?', schedule: 'Schedule it now?', open: 'Open it now?', start: 'Begin now?', end: 'End it now?', cancel: 'Cancel this lesson?', reopen_draft: 'Back to draft?' },
    next: 'Next step', faces: 'Ways in', facesDetail: 'Send the link to the right person, or scan it with a phone.', deskFace: 'Desk (lecturer)', consoleFace: 'Console (director)', phoneFace: 'Phone (members)', venueFace: 'Venue screen', qr: 'QR code', showQr: 'Show QR code', lessonRecordings: 'Recordings of this lesson',
    quizReport: 'Quiz report', quizReportDetail: 'Difficulty and discrimination of each question, what units and members answered',
    partsNone: 'No venues: members can only watch on phones.', notRecorded: 'Not recorded', recorded: 'Recorded', itemGone: 'This lesson was not found', openedAt: 'Opened', liveAt: 'Began', endedAt: 'Ended', details: 'Plan',
    recordingState: { running: 'Recording', paused: 'Paused', finished: 'Finished' }, recovered: 'Recovered after an interruption', gaps: '{t} missing', playNow: 'Play', done: '{what}: done',
    overLessons: 'Attendance', oversight: 'Overseen items', upward: 'Lessons now', yearCredit: 'Credit of a year', organisation: 'Units & people', sheet: 'Sign-in sheet', audit: 'Audit log', settings: 'Settings', privacy: 'Privacy',
    settle: 'Settle credit', archive: 'Archive',
    study: 'Attendance and credit', attendance: 'Attendance', reviews: 'Reviews', rules: 'Credit rules', boardFace: 'Big-screen board', spareFace: 'Spare machine',
  },
  form: {
    newTitle: 'New lesson', editTitle: 'Edit lesson', title: 'Title', titleHint: 'For example: Workplace safety month', unit: 'Organised by', lecturer: 'Lecturer', lecturerNone: 'Not set yet', date: 'Date', from: 'From', to: 'To', venues: 'Venues', main: 'Main venue', mainNone: 'No main venue', branches: 'Sub-venues', branchesHint: 'Several; type to find', recorded: 'Record this lesson', recordedHint: 'It can be watched the moment the lesson ends.', notRecordedHint: 'Nothing is kept; nobody can watch it later.',
    willTitle: 'When you save', willDraft: 'The lesson is a draft that only managers see; check it, then schedule it.', willVenues: '{n} venues will connect', willNoVenue: 'No venues: members watch on phones', willTime: '{d}, {t} in all', willEdit: 'Changes hold at once; everybody’s start page follows.', create: 'Save as draft', save: 'Save changes',
    needTitle: 'Enter a title.', needUnit: 'Choose the organisation.', needTime: 'Choose date, start and end.', wrongTime: 'The end must be after the start.', longTime: 'A lesson lasts 12 hours at most; check the times.', past: 'The start is in the past; check the date.', changed: 'Somebody has just changed this lesson', changedDetail: 'The newest version was fetched; check it and save again.', locked: 'An open lesson cannot be changed', lockedDetail: 'Cancel it and create a new one if you must.',
    worth: 'The rule says {h} ({by}; {r})', worthTake: 'Take it', worthBy: { kind: 'by kind', day: 'a whole day', half_day: 'half a day', length: 'by length' }, skips: 'Making up may skip', skipsHint: 'If on, a first watch of the recording may leave parts out; usually it is off.', watermark: 'Names over the picture', watermarkHint: 'Whoever watches reads the own name and number faintly over the picture (a venue its name), also in the replay.', credit: 'Credit hours', creditHint: 'For example 2 or 1.5; 0 gives none.', badCredit: 'From 0 to 100, at most two decimals.', willCredit: 'Whoever passes gets {h} hours', willNoCredit: 'This lesson gives no credit'
  },
  desk: {
    title: 'Desk', own: 'My picture', seen: 'What members see', seenNote: 'silent preview', setup: 'First open camera and microphone', setupDetail: 'You will see yourself; nobody else does until you start sending.',
    publish: 'Start sending', stop: 'Stop sending', share: 'Share screen', unshare: 'Stop sharing', sharing: 'Shared screen', begin: 'Begin', finish: 'End',
    finishTitle: 'End the lesson now?', finishDetail: 'The picture ends in all venues and on all phones, and the recording is finished. This cannot be undone.', beginTitle: 'Begin the lesson now?', beginDetail: 'The clock starts now; this lesson {rec}.',
    recYes: 'will be recorded', recNo: 'is not recorded', offAir: 'Off air', onAir: 'On air everywhere', notTaken: 'Connected, waiting for the director',
    elsewhere: 'Members see: {label}', notYet: 'Not begun', notAllowed: 'You are not the lecturer of this lesson', notAllowedDetail: 'Log in as the lecturer, or go back to the start.', shareFailed: 'The screen was not shared',
    shareFailedDetail: 'Allow the browser to record the screen in the system settings and try again.', endedTitle: 'The lesson has ended', endedDetail: 'It lasted {t}. The recording is in the management pages.',
    waitOpen: 'The lesson is not open yet', waitOpenDetail: 'This works by itself once the director opens it. You can try your devices meanwhile.', online: '{n} online', mute: 'Microphone off', unmute: 'Microphone on',
  },
  console: {
    queues: 'Queues', programme: 'On air', preview: 'Preview', wall: 'Venues', onAir: 'On air', take: 'Take', takeKey: 'Space', mute: 'Mute all', muteKey: 'M', pause: 'Pause rec.', resume: 'Resume rec.',
    start: 'Begin', end: 'End', open: 'Open', screenNobody: 'Nobody shares a screen now', backMain: 'Back to main', screenShow: 'Show screen', screenHide: 'Hide screen', listen: 'Listen', unlisten: 'Stop listening', alarms: 'Alarms', alarmsNone: 'No alarms', alarmsNoneDetail: 'Lost venues, recording faults and the like appear here.',
    since: 'since {t}', online: '{n} online', viewers: '{n} watching', rec: 'Recording', recOff: 'Not recording', recPaused: 'Recording paused', recFinished: 'Recording finished', notRecorded: 'Not recorded', disk: 'Disk {n}', diskLow: 'Disk: only {n}', diskHint: 'Free space for recordings', clock: 'Lesson clock', previewNone: 'No preview chosen', previewNoneDetail: 'Click a venue below, or press its number.',
    taken: 'On air: {label}', audioOpen: 'Sound open', audioClosed: 'Sound closed', openAudio: 'Open sound', closeAudio: 'Close sound', micReady: 'Microphone on', micMuted: 'Microphone muted',
    fault: {
      offline: 'Venue not online', offlineDetail: 'Call the room and have the venue screen opened.', noSource: 'Sends no picture', noSourceDetail: 'Ask the room to press 9 for the self-test.', noVideo: 'Sound only, no picture', noVideoDetail: 'Ask the room to check the camera.',
      noAudio: 'No sound', noAudioDetail: 'Ask the room to check the microphone.', poor: 'Poor uplink', poorDetail: 'Watch it for a while before taking it; sound alone may do.', main: 'The lecturer is not connected', mainDetail: 'Ask the lecturer to open the desk and start sending.', screen: 'No shared screen', screenDetail: 'The lecturer can share it from the desk.', codec: 'Not H264',
      codecDetail: 'The recording and some phones have no picture; use Chrome or Edge there.',
    },
    endTitle: 'End the lesson now?', endDetail: 'The picture ends for {n} venues and {v} viewers, and the recording is finished. This cannot be undone.', startTitle: 'Begin the lesson now?', startDetail: 'The clock starts now; {rec}.', recYes: 'so does the recording', recNo: 'it is not recorded',
    media: 'The media service is coming back', mediaDetail: 'Pictures return within seconds; the recording loses nothing that matters.', noRight: 'You may not direct this lesson', noRightDetail: 'Log in as the director, or go back to the start.', page: 'Page {a}/{b}', prev: 'Previous', nextPage: 'Next', select: 'Preview {label}',
    waitOpen: 'The lesson is not open yet', waitOpenDetail: 'Once open, the lecturer and the venues can connect and you can check sound and picture.', ended: 'The lesson has ended', endedDetail: 'The recording is in the management pages.',
    keys: 'Digits or ←→ preview · Space take · PgUp/PgDn page · Z undo · P patrol · T talk · M mute all',
  },
  publish: {
    idle: 'Not sending', dialling: 'Connecting…', up: 'Connected', shaky: 'Unsteady, recovering', waiting: 'Connection lost, again in {s} s', refused: 'Not connected',
    closed: 'Stopped', noH264: 'This browser cannot send H264', noH264Detail: 'Use Chrome or Edge. You may go on: sound is fine, but some phones and the recording will have no picture.',
    goOn: 'Go on anyway', soundOnly: 'The server gets sound only', soundOnlyDetail: 'It does not accept this picture format; use Chrome or Edge.',
  },
  venue: {
    start: 'Start', startKey: 'Press Enter or click to start.', startDetail: 'Then full screen; the keyboard is all you need.', micMuted: 'Muted', micReady: 'Ready to speak', speaking: 'Speaking', speakingAll: 'Speaking (seen by everybody)',
    onAirMuted: 'On air, muted', onAirMutedDetail: 'Press 3 to speak', rail: 'Side panel', fold: 'Fold panel', mic: 'Microphone', test: 'Self-test', keys: 'Keys', own: 'This room', lesson: 'Lesson',
    uplink: 'Up', downlink: 'Down', publishOff: 'This room is not sent', noVenue: 'This account is no venue of the lesson', noVenueDetail: 'Log in with the room’s device account, or ask the director to add the venue.',
    mainNote: 'The desk sends the main venue’s picture and sound', waiting: 'Waiting to begin', endedTitle: 'The lesson has ended', endedDetail: 'You may switch off the equipment.',
    micFailed: 'The director was not told about the microphone; trying again',
  },
}

export default en
