/** Words of overseen items; they travel with their pages. */
export default {
  oversight: {
    title: 'Overseen items', lead: 'A unit above asks a unit below for something by a day; its secretary answers, and the unit above closes or returns it. Nothing is scored or ranked, and nothing follows by itself.',
    add: 'Ask a unit', addDetail: 'The unit’s secretary sees it on the portal and on this page.', unit: 'Unit', choose: 'Choose', subject: 'About', text: 'What is asked', textHint: 'Say what is to be done, and how far. 500 characters at most.', due: 'Last day', dueHint: 'Answered by the end of that day is in time.', send: 'Ask',
    subjects: { missing: 'Missed lessons', credit: 'Short of credit', meeting: 'Overdue meeting', other: 'Something else' },
    state: { open: 'To be answered', overdue: 'Overdue', answered: 'To be closed', closed: 'Closed', withdrawn: 'Withdrawn' },
    step: { open: 'Asked', answer: 'Answered', return: 'Returned', close: 'Closed', withdraw: 'Withdrawn' },
    act: { answer: 'Answer', return: 'Return', close: 'Close', withdraw: 'Withdraw' },
    ask: { answer: 'Answer for {u}', return: 'Return to {u}', close: 'Close: {u}', withdraw: 'Withdraw: {u}' },
    what: { answer: 'The unit above closes it then; until it does, the answer cannot be changed.', return: 'The unit has to answer anew.', close: 'It cannot be changed afterwards.', withdraw: 'It is no longer asked; what was said stays.' },
    say: { answer: 'What was done', return: 'Why it comes back', close: 'Remark', withdraw: 'Why it is withdrawn' },
    newDue: 'New last day', dueOn: 'By {d}', overdueBy: 'By {d}, which is over', from: 'Asked by {a}', returned: 'Returned {n} times', history: 'What was said ({n})', by: '{who} · {t}', due2: 'By {d}',
    none: 'No overseen items', noneAbove: 'What a unit below is to do can be asked and followed here.', noneBelow: 'What a unit above asks shows up here.', noMatch: 'None in this state', noMatchDetail: 'Press the state again to see all.', more: 'Earlier ones', all: 'All units', forbidden: 'This page is for secretaries and the school', forbiddenDetail: 'Your account has no right to it.',
    liveTitle: 'Lessons now', liveLead: 'Lessons that go on in your unit and below: expected, present, missing; read anew every 5 seconds.', liveAt: 'Read at {t}.', refresh: 'Refresh', liveNone: 'No lesson is going on', liveNoneDetail: 'A lesson shows up here once its sign-in is open.', liveNoBoard: 'The numbers of this lesson cannot be read just now; it is tried again.',
    liveSum: '{p} of {e} present', liveMissing: '{n} missing', liveLeave: '{n} on leave', liveShare: '{s}% of those without leave', liveAll: 'All there', liveAsk: 'Ask the unit', liveMore: '{n} more lessons are going on; see the list of lessons.', liveText: '“{l}” ({d}): {n} missing. Please find out why, and see that they make it up.',
    yearTitle: 'Credit of a year', yearLead: 'How many reach what the year asks, in the order of the tree: no ranking, nothing by duration. No ratio is shown of fewer than five people: it would say nothing.', year: 'Year', yearOf: '{y}', xlsx: 'Excel', pdf: 'PDF to print and sign',
    yearMet: '{m} of {a} reach the target', yearFew: 'Fewer than 5, no ratio', yearBeside: '{e} exempt · {u} not asked · {l} lent · {b} borrowed', yearWhich: 'How many of each unit below reach the target?', yearWho: 'How much does each still need?', yearNobody: 'Nobody', yearMore: 'More people', standing: { met: 'Reached', short: '{s} short', exempt: 'Exempt', unasked: 'Not asked' },
    crumbs: 'Where this is', loanTo: 'on loan to {u}', monthsTitle: 'How many kept up with the year at each month’s end?', monthsSaid: 'Up to month {m}, {s} have what was due by then; {h} a head.', monthsHow: '{n} people who are asked for something. Kept up: the sum at the month’s end, with what came over, reaches that share of the year’s target; of 32 it is 16 at the end of June.', monthsFew: 'Fewer than 5 people are asked for something: nothing is told by month.', monthsNone: 'Nobody is asked for anything.', month: 'Month', monthOf: '{m}', monthShare: 'Kept up', monthAdded: 'Added a head', monthTotal: 'In all a head',
    memberTitle: '{n} · credit of {y}', memberHow: 'How much is missing for the year’s target?', memberEntries: 'Entries ({n})', capped: ' ({n} above the cap)', carried: '{n} carried over', noRule: 'Nothing is asked for this year',
    waiting: '{n} overseen items to answer', toClose: '{n} overseen items to close', see: 'Before their last day, please',
  },
}
