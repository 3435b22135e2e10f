/** Words of one's own certificates, and of their check, which is open. */
export default {
  certificate: {
    title: 'My certificates', download: 'Download PDF', verify: 'Verification page', withdrawnOn: 'withdrawn on {t}', of: 'issued on {t}', hours: '{n} credit hours',
    none: 'No certificates yet', noneDetail: 'Watch every video of a course and pass its tests: the certificate is issued by itself and appears here.',
    checkTitle: 'Verify a certificate', number: 'Number of the certificate', placeholder: 'such as 7K3M-9QXP-4D2R-W8TZ', check: 'Verify', checking: 'Verifying…',
    genuine: 'The certificate is genuine', genuineDetail: 'This is what was recorded when it was issued; the name is shown in part. Compare it with the paper.',
    withdrawn: 'The certificate was withdrawn', withdrawnDetail: 'It was issued under this number and holds no longer. Ask who issued it if that surprises you.',
    unknown: 'There is no such certificate', unknownDetail: 'This number was never issued. Compare it with the paper sign by sign, in capital or small letters; ask who issued it if it still is not found.',
    name: 'Name', course: 'Course', issuer: 'Issued by', issued: 'Issued on', gone: 'Withdrawn on', another: 'Verify another one', ofCourse: 'Certificates of the course', lead: 'Whoever has done all videos and tests of the course gets one by itself. What is withdrawn stays so, and its verification page says so.', search: 'Find by name, unit or number', noneYet: 'Nobody has one yet', noneYetDetail: 'Whoever has done all videos and tests of the course is listed here.', noMatch: 'Nothing found', noMatchDetail: 'Try another name, unit or number.', back: 'Micro-videos', more: 'Show more', columns: { name: 'Name', unit: 'Unit', number: 'Number', issued: 'Issued', state: 'State', acts: 'Actions' }, states: { genuine: 'valid', withdrawn: 'withdrawn' }, withdraw: 'Withdraw', withdrawOf: 'Withdraw the certificate of {name}', reason: 'Reason', reasonHint: 'Its owner sees it, and it stands in the audit log.', needReason: 'Write the reason.', withdrawAsk: 'Withdraw the certificate of {name}?', withdrawDetail: 'Number {n} holds no longer, for good; no other one is issued.', next: 'Next', type: 'Type the number that stands on the certificate, or scan its code with a phone.',
  },
}
