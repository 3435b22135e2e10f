/** Words of talking back; they come with its panels, not with the phone's first picture. */
export default {
  chat: {
    title: 'Chat', approved: 'Approved first: everybody sees it when it was', open: 'Everybody sees it at once', off: 'The chat of this lesson is closed', offDetail: 'Raise a hand or ask a question instead.', none: 'Nobody has written yet', noneDetail: 'The first line may be yours.', older: 'Earlier lines', text: 'Your line', placeholder: 'Write something…', send: 'Send', sending: 'Sending',
    waiting: 'Waiting', held: 'Holds a listed word: a person looks at it', sent: 'Sent: everybody sees it when it is approved', mine: 'Me', venue: 'Venue', slow: 'Again in {s} s', slowRule: 'One line each in {s} s', count: '{n}/500', muted: 'You are muted for another {t}', mutedWhy: 'Reason: {r}', closed: 'You cannot write in this lesson', long: '500 characters at most: shorten it.',
    queue: 'Waiting: {n}', queueNone: 'Nothing waits', queueNoneDetail: 'New lines appear here.', said: 'Shown', approve: 'Approve', remove: 'Delete', mute: 'Mute', keys: 'J / K move · A approve · D delete', listed: 'Listed word', mode: 'Chat', modes: { off: 'Off', approved: 'Approved first', open: 'Open' }, slowSeconds: 'Seconds between lines', slowHint: '0 seconds: no limit; 600 at most.',
    muteTitle: 'Mute {name}', muteDetail: 'They are told for how long and why; it ends by itself, or when you take it back.', minutes: 'How long', minutesOf: '{n} minutes', wholeDay: 'This lesson', reason: 'Reason', reasonHint: 'For example: repeats what is not about the lesson', needReason: 'Enter the reason.', mutes: 'Muted', until: 'until {t}', unmute: 'Let speak', saved: 'The chat was changed', save: 'Save',
    card: 'Chat', cardDetail: 'May be changed during the lesson, too; it holds at once.', badSlow: 'Enter a whole number from 0 to 600.', kinds: { lecturer: 'Lecturer', director: 'Director' }, staffPlaceholder: 'Say something as staff, shown at once',
  },
  words: {
    title: 'Listed words', lead: 'A line that holds one of these is marked and waits for a person where lines are approved first, and is refused with a hint where the chat is open. Width, case, spaces, punctuation, invisible characters, look-alikes, digits for letters and traditional characters are seen through. Inquiries that hold one are marked, too, and decided one by one.', unit: 'Unit', unitHint: 'Holds for lessons of this unit and of all below it.', list: 'One word on each line', count: '{n} of 2000 at most', save: 'Save', saved: 'The words were saved', changed: 'Somebody else changed it; the newest is shown: check it and save again.', none: 'You have no unit whose words you keep', noneDetail: 'The school administrator of a unit keeps them.',
  },
  inquiry: {
    title: 'Questions', hint: 'What would you like to ask? Shown once approved.', rule: 'Shown once approved; staff see your name', left: '{n} characters left', send: 'Ask', sent: 'Sent, waiting for approval', sentDetail: 'Everybody sees it once it is approved; what became of it shows below.', own: 'My questions', list: 'Questions {n}', more: '{n} more', me: 'Me', anonymous: 'Anonymous', by: 'for {who}', answer: 'Answer', vote: 'Vote, {n} so far', votes: '{n} votes',
    none: 'No questions yet', noneDetail: 'Write yours: it shows here once approved.', noneLater: 'Approved questions show here.',
    state: { waiting: 'Waiting', approved: 'Approved', declined: 'Declined', merged: 'Merged', on_stage: 'Being answered', answered: 'Answered' },
    ownState: { waiting: 'Waiting for approval', declined: 'Not taken', merged: 'Merged into a similar one' },
  },
  signals: { title: 'How it sounds', clear: 'Clear', unclear: 'Unclear', fast: 'Too fast', lead: 'Counted without names', given: 'The lecturer is told; it ends in a minute' },
}
