/** Words of 补学; they travel with its pages. */
import type zh from './zh'

const words: typeof zh = {
  makeup: {
    title: 'Make-up study', mine: 'My lessons to make up', open: '{n} lessons to make up', toList: 'See them', none: 'Nothing to make up', noneDetail: 'Lessons that you missed, came late to, left early or were on leave from are listed here when they can be made up.', notMember: 'This is where members make up lessons', notMemberDetail: 'Your account is not a member’s and has none.',
    until: 'until {t}', left: '{t} left', over: 'ended {t}', worth: '{n} hours when done', earned: '{n} hours entered', standing: { present: 'present', late: 'late', left_early: 'left early', on_leave: 'on leave', absent: 'absent' },
    step: { not_started: 'not started', watching: 'watching', questions: 'questions next', done: 'done', expired: 'time is over', withdrawn: 'withdrawn' },
    go: { not_started: 'Begin', watching: 'Go on watching', questions: 'Answer the questions' }, see: 'See', more: 'Show more',
    progress: '{n}% of what is to be watched', enough: 'Watched enough', loading: 'Opening…', resume: 'Goes on where you were last',
    rules: '{p}% of the recording is enough. Pause, watch faster (up to {r}×) or go on with another device as you like; in the background it does not count.', noSkip: 'The first time you cannot skip to what you have not seen; what you have seen is free to watch again.', rulesThen: 'Then come the questions: {q}, {p}% right to pass, {n} attempts.', rulesOnly: 'Watching is enough: no questions are asked.',
    held: 'The first time you cannot skip ahead', heldDetail: 'Watch it in order; you may go back as you like, and watch faster.', back: 'A short part was not noted', backDetail: 'Perhaps the network was away. You are back where it was noted last; go on from here.', lost: 'Your progress is not saved just now', lostDetail: 'Check the network; it is saved by itself once it is back.',
    expired: 'The time to make it up is over', expiredDetail: 'Ask your branch secretary for more time if there is a reason.', withdrawn: 'Withdrawn', withdrawnDetail: 'A review has granted the credit: nothing is left to make up.', done: 'Made up', doneDetail: '{n} hours are entered in your credit.', doneNone: 'This lesson gives no credit; it is noted as done.', toCredit: 'My credit', again: 'Watch it again',
    mark: 'Asked in the lesson', markDetail: 'This was asked at this point; right or wrong, it changes nothing.', check: 'Show the answer', on: 'Go on', questions: 'Questions', begin: 'Begin the questions', goOn: 'Go on with the questions', nth: 'Attempt {n}', attempts: '{n} attempts left', noAttempts: 'No attempts left', noAttemptsDetail: 'Ask your branch secretary, who may grant more with a reason.', pause: 'Again in {t}', pauseDetail: 'Look at the recording again meanwhile.',
    kinds: { single: 'one answer', multiple: 'several answers', true_false: 'true or false' }, number: 'Question {n}', handIn: 'Hand in', unanswered: '{n} not answered', handInAsk: '{n} questions have no answer. Hand in?', handInDetail: 'They count as wrong, and nothing can be changed afterwards.', failed: 'Not passed this time', failedDetail: '{r} of {n} right; {p}% are needed.', passed: 'Passed', right: '{r} of {n} right', correct: 'Right answer', yours: 'You were right', wrong: 'You were wrong',
    extended: '{name} gave until {t}: {r}',
  },
  makeups: {
    title: 'Make-up study of the branch', lead: 'Who has not made up a lesson yet, how far they are, and until when. Steps, never durations.', only: 'Open ones only', none: 'Nobody has anything to make up', noneDetail: 'Once a lesson is settled, who may make it up is listed here.', noneOpen: 'None is open', all: 'Show all',
    remindAll: 'Remind who is not done ({n})', remind: 'Remind', reminded: '{n} reminded', skipped: '{n} were reminded lately or are over', last: 'reminded {t}', extend: 'Extend', extendOf: 'More time for {name}', extendWill: 'Your name, the time and the reason are noted, and the member is told.', deadline: 'New last day', deadlineHint: 'until the end of that day', badDeadline: 'Choose a day after the present one', moreAttempts: 'More attempts', reason: 'Reason', reasonHint: 'For example: travelling, in hospital', needReason: 'Write the reason.', own: 'yourself: another secretary or the administrator does it', forbidden: 'This page is for secretaries and administrators', forbiddenDetail: 'Your account does not see the branch’s make-up study.', noAttempts: 'no attempts left', deadlineIs: 'until {t}',
  },
}
export default words
