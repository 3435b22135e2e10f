/** Words of 未到名单 and 签到表; they travel with that page. */
import type zh from './zh'

const words: typeof zh = {
  branch: {
    title: 'Attendance of this lesson', missing: 'Missing', missingN: 'Missing {n}', sheet: 'Sign-in sheet', forbidden: 'This page is for secretaries and administrators', forbiddenDetail: 'Your account does not see the attendance of units in this lesson.',
    everybody: 'Everybody is there or on leave', everybodyDetail: 'Who leaves the list or whose leave is withdrawn is listed here again.', notYet: 'No roster yet', notYetDetail: 'Once the lesson is open, who is still missing is listed here as it happens.', more: 'Show more', onlyUnit: 'Only {u}', allUnits: 'See all', toLive: 'Back to lessons going on',
    at: 'expected: {p}', loan: 'on loan: {u}', asked: 'asked for leave', own: 'yourself: another secretary or administrator vouches', show: 'Show number {p}', call: 'Call {p}', noPhone: 'no telephone number', audited: 'Each number that is shown is noted in the audit log.', over: 'The lesson is over: ask why, and enter it in the sign-in sheet.', toLeaves: 'Decide leave', kiosk: 'Kiosk', kioskLead: 'Once on, who has no phone signs in at the room’s screen.', kioskIs: 'On', kioskNot: 'Off',
  },
  sheet: {
    unit: 'Unit', draft: 'Not confirmed', draftOver: 'Check numbers, reasons of absence and names, then confirm.', waits: 'The secretary confirms it when the lesson is over; this is how it stands now.', confirmed: 'Version {n} is confirmed', confirmedBy: '{name} · {t}', changed: 'Attendance was corrected: it differs from version {n}', changedDetail: 'Confirming makes a new version; version {n} stays, marked as superseded.', notYours: 'The secretary of that unit confirms it.',
    scope: 'Of', added: 'Added', assisted: 'Helped', absent: 'Absent', loans: 'on loan', total: 'All', places: 'Places: {p}',
    reasons: 'Absent or on leave, and why', noAbsence: 'Nobody is absent or on leave', reason: 'Why {name} is absent', reasonHint: 'Why, for example: on duty, no leave asked', names: 'Names ({n})', name: 'Name', standing: 'Standing', signed: 'Sign-in', where: 'Place', remark: 'Remark', addedMark: 'added', correctedMark: 'corrected',
    confirm: 'Confirm the sheet', again: 'Confirm a new version', confirmAsk: 'Confirm the sheet of {u}?', will: 'Expected {e}, present {p}, on leave {l}, absent {a}. What it says is fixed then, with your name and the time; a later correction makes a new version.', why: 'Why again', whyHint: 'For example: one person added. It is printed on the old sheet.', needWhy: 'Write why.',
    bundles: 'All units in one archive', bundlesLead: 'A sheet for each unit and a list of them, in one ZIP. What was confirmed is as it was confirmed, what was not says so. You may leave the page meanwhile; the file is kept for a day, for you alone.', bundling: 'Being made, {p}%', bundleStop: 'Cancel', bundleMake: 'Make a ZIP of {f}', bundleFile: 'Load the ZIP of {f} ({s})', bundleUntil: 'deleted {t}',
    files: 'Download', xlsx: 'XLSX', pdf: 'PDF', versions: 'Confirmations', version: 'Version {n}', holds: 'holds', redacted: 'Somebody was erased {t}; the digest is that of what was confirmed', superseded: 'superseded by version {n}', verify: 'Verify', intact: 'The digest fits: nothing was changed', broken: 'The digest does not fit: it was changed', digest: 'digest {d}',
  },
}
export default words
