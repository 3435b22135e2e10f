/** Words of a paper that is answered on the phone: they come with its sheet. */
export default {
  quiz: {
    handInAsk: 'Hand in now?',
    handInAll: 'All {n} questions are answered.',
    handInOpen: '{n} not answered yet: {l}',
    handInChosen: '{n} chosen but not submitted will be submitted.',
    handInFinal: 'Nothing can be changed afterwards. Who has not handed in when the time is up is collected; whatever was saved counts.',
    handedDetail: 'At {t}; the answers are shown when it closes.',
    handed: 'Handed in',
    handIn: 'Hand in',
    goOn: 'Go on',
    before: 'Previous',
    next: 'Next',
    progress: '{a} of {n} submitted',
    paperNav: 'All questions',
    place: 'Question {n} / {m}',
    save: { nothing: 'What you mark is saved by itself; you may change it until you hand in or the time is up.', waiting: 'Saving…', saved: 'Saved; you may change it until you hand in or the time is up.', failed: 'Not saved; it is tried again when the network is back.', kept: 'Nothing is marked now; what was saved before still counts.' },
    placeIs: { open: 'Question {n}, not answered', chosen: 'Question {n}, chosen, not submitted', sent: 'Question {n}, submitted' },
  },
}
