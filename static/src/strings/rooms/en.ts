/** Words of My rooms; they travel with its card and page. */
export default {
  rooms: {
    title: 'My rooms', seats: '{r} · {n} seats', until: 'until {d}', from: 'yours from {d}', next: '{d} {t}', none: 'No lesson is planned', work: 'Open', devices: 'Room and devices',
    forbidden: 'You do not operate this room today', forbiddenDetail: 'Ask the school, a director or the branch’s secretary for your days.', before: 'Not open yet', beforeDetail: 'Who is missing stands here once it opens; the preflight can be looked at now.', over: 'The lesson is over: nobody is signed in any more.', cancelled: 'The lesson was cancelled', cancelledDetail: 'Nothing is to be made ready, and nobody signs in.', screen: 'Room screen', online: 'connected', offline: 'not connected', offlineHow: 'Open the room’s PC; a new one is paired under Room and devices first.',
    roll: 'Roll call', called: 'Your room is called: answer', calledHow: 'When people sit and the camera is right.', answer: 'Answer', answered: 'Answered {t}; the director enters it', rollResult: 'Roll call {n}: {r}', rollWait: 'It is going on; your room is not called yet', rollNone: 'None yet',
    kiosk: 'Kiosk', kioskOn: 'Turn on', kioskOff: 'Turn off', kioskIs: 'On: who has no phone signs in at the room’s screen', kioskNot: 'Off', kioskNeeds: 'It shows once the room’s screen is connected.',
    preflight: 'Preflight', preflightHow: 'Run it at the room’s screen; it can be signed here.', sign: 'Sign', signAsk: 'Sign for {v}?', signWill: 'In your name: the devices were looked at, the lesson can be held.', reason: 'There are warnings: why are they acceptable', needReason: 'Say why.', ran: 'run {t}',
    missing: 'Missing ({n})', everybody: 'Everybody is there, or on leave', everybodyDetail: 'It follows what happens.', find: 'Name or number', noMatch: 'Nobody fits', stale: 'As of {t}; connecting again', help: 'Call the director', pick: 'Choose a room',
  },
  walkin: {
    title: 'Came unlisted', add: 'Came unlisted', listed: 'Came unlisted ({n})', lead: 'Somebody is here without being on this room’s list: find them by number or whole name.', find: 'Number or whole name', findHint: 'As the person says it; only a whole number or name is looked for.', needTyped: 'Type a number or a whole name.', search: 'Find',
    nobody: 'Nobody was found. Check the number or name; whoever is outside this lesson’s units is added by a director or the school.', more: 'Others have this name, too: find them by number.', other: 'Somebody else', own: 'This is you: let somebody else enter it', signed: 'Signed in {t} at {v}', here: 'On this room’s list', elsewhere: 'Expected at {v}', unlisted: 'Not on the roster of this lesson',
    reason: 'Reason', reasonHint: 'E.g. on a business trip, joins here; kept with the sign-in and shown on the sheet.', needReason: 'Say why.', will: 'Will be signed in at {v}.', willAdd: 'Will be added beside the roster and signed in at {v}.', stays: 'This can’t be deleted. If it was a mistake, mark that they left and ask their secretary to correct it.', take: 'Enter', done: '{n} is entered', at: 'came {t}', left: 'left {t}',
  },
}
