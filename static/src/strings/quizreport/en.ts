/** Words of reports on quizzes. */
export default {
  figures: {
    title: 'Quiz report', by: { question: 'By question', unit: 'By unit', member: 'By member', assisted: 'Helped' }, counted: '{n} questions closed, {s} of them scored; {e} expected, {p} took part',
    question: 'Question', answered: 'Answered', whole: 'Full marks', difficulty: 'Difficulty P', discrimination: 'Discrimination D', hint: 'Look at', unit: 'Unit', expected: 'Expected', people: 'Took part', share: 'Mean share of marks', member: 'Member', marks: 'Marks', of: '{m} / {s}',
    hints: { check_key: 'Check the key', tells_little: 'Tells little apart', too_easy: 'Very easy', too_hard: 'Very hard' },
    hintWhat: { check_key: 'Who did well elsewhere failed here: the key may be wrong.', tells_little: 'Those who did well and those who did not reach about the same.', too_easy: 'Nine tenths of the marks were reached.', too_hard: 'Less than three tenths of the marks were reached.' },
    what: 'Difficulty P is the mean share of the marks of those who answered: the higher, the easier. Discrimination D is the difference of that share between the upper and the lower 27 % by the marks in the other questions; 0.4 and above is good, clearly below 0 check the key.',
    few: 'No difficulty and no share of fewer than {f} answers, no discrimination of fewer than {l} or with fewer than 3 scored questions: “–”. No ranking.', none: 'This lesson has no questions to report on yet', noneDetail: 'Questions count once they are closed.', helped: '{n} helped', noVote: 'no vote of the organisation', opinions: '{n} approved', more: 'More', xlsx: 'Export Excel', csv: 'Export CSV',
    handedIn: 'Handed in', collected: 'Collected', notBegun: 'Not answered', inRound: 'round {n}', paperFrom: 'Paper from question {n}', paperEnds: '{p}: {h} handed in, {c} collected.', reason: 'Why', helper: 'Helped by', at: 'When', noneAssisted: 'Nobody was helped', noneAssistedDetail: 'Answers that operators and secretaries put in for who has no phone are listed here: who, which question, by whom and why.', assistedWhat: 'Helped answers that still stand, without what was chosen; one that its member changed since is not listed. If something is not true, tell the staff; the audit log has a line of each.',
    uses: 'Asked {n} times', usesNone: 'Never asked in a lesson yet', usesMany: 'Only the last 50 are counted', inAll: 'All versions', bank: 'How it did',
  },
  remark: {
    act: 'Correct the key', title: 'Correct the key', lead: 'Say what is right, and why. Look first for whom it makes a difference; then every answer is marked again by the same rule. The former key stays in the record.', now: 'Key now: {k}', right: 'What is right', reason: 'Why', reasonHint: 'Members see it, for example: the key was wrong, it is “cut the power”.',
    look: 'Look at the effect', confirm: 'Mark again', changes: '{n} of {a} answers get other marks, {u} of them more', noChanges: 'Nobody’s marks change', credit: '{g} people now reach it and are granted the credit; {k} would not reach it by the right key, and keep it.', madeUp: 'Of those who failed the questions of a make-up study, {n} pass by the right key; whose study is complete by that is credited.', unsettled: 'The lesson is not settled yet: settling counts by the right key.',
    fromTo: '{a} → {b}', effect: { granted: 'Credit granted', kept: 'Credit kept' }, past: 'Earlier corrections', pastKey: '{a} became {b}', pastBy: '{name} · {t} · {n} answers changed',
  },
}
