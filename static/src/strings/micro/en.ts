/** Words of 微视频; they travel with its pages. */
import type zh from './zh'

const words: typeof zh = {
  micro: {
    title: 'Micro-video courses', mine: 'My micro-video courses', none: 'No micro-video courses yet', noneDetail: 'Courses are listed here once the school publishes them.', notMember: 'This is where members study', notMemberDetail: 'Your account is not a member’s; courses are kept under Management · Course series.', loading: 'Opening…',
    count: '{d} of {n} done', all: 'The whole course is done', goOn: 'Go on', begin: 'Begin', seeAgain: 'Watch again', toCourse: 'Back to the course', next: 'Next', list: 'In this course',
    step: { not_started: 'not begun', watching: 'under way', questions: 'test next', done: 'done' }, worth: '{n} hours', worthTest: '{n} hours, {m} more for the test', noWorth: 'gives no credit', length: '{t} long',
    go: { not_started: 'Watch', watching: 'Go on watching', questions: 'Take the test', done: 'Watch again' },
    rules: '{p}% of it is enough. Pause, watch faster (up to {r}×) or go on with another device as you like; in the background it does not count.', noSkip: 'The first time you cannot skip to what you have not seen; what you have seen is free to watch again.', rulesThen: 'Then comes the test: {q} questions, {p}% right to pass; after {n} failed attempts the next is a day away.', rulesOnly: 'Watching is enough: there is no test.',
    progress: '{n}% of what is to be watched', enough: 'Watched enough', done: 'This one is done', test: 'Begin the test', testOn: 'Go on with the test', pause: 'Again in {t}', pauseDetail: 'Look at it again meanwhile.', looking: 'This is a preview', lookingDetail: 'You keep this course: watching it gives no credit, and nothing is noted.',
    markTitle: 'Think about it', markDetail: 'Right or wrong, it changes no credit; each is asked once.',
  },
  films: {
    title: 'Micro-videos', lead: 'Upload the videos, put them in order; members see what is published. After a break, choosing the same file again goes on where it was.', add: 'Add a micro-video', name: 'Title', needName: 'Write a title.', save: 'Save', none: 'No micro-videos yet', noneDetail: 'Add a title first, then upload the video.', back: 'Course series', open: 'Micro-videos', count: '{n} micro-videos',
    state: { draft: 'no video yet', uploading: 'uploading', queued: 'waiting', converting: 'converting', failed: 'failed', ready: 'ready to publish', published: 'published', retired: 'retired' },
    upload: 'Upload a video', replace: 'Another file', resume: 'Go on uploading', sending: 'Uploading {p}%', waits: 'No line; it goes on by itself', stop: 'Pause', stopped: 'Paused; what arrived is kept for two days', elsewhere: 'Not all of it is here. Choose the same file, on this device or another one with this account, and it goes on where it broke off; another file begins anew.', certificates: 'Certificates', gone: 'Retired for long: its film was deleted by the period of recordings. Credit that was granted stays.', cancelUpload: 'Cancel the upload', converting: 'Converting {p}%', waiting: 'Waits to be converted', cancel: 'Cancel', copied: 'copied as it was', converted: 'converted',
    publish: 'Publish', retire: 'Retire', again: 'Publish again', remove: 'Delete', rename: 'Rename', preview: 'Preview', questions: 'Questions', up: 'Up', down: 'Down', order: 'Arrow keys change the order', handle: 'Move “{n}”, now number {p}', movedTo: '“{n}” is number {p} now',
    removeAsk: 'Delete “{n}”?', removeDetail: 'Its video goes with it, for good.', retireAsk: 'Retire “{n}”?', retireDetail: 'Nobody begins it or goes on any more; credit that was given stays, and it may be published again.', unfitType: 'Choose a video.', unfitSize: 'The file is larger than 2 GB: compress it or split it.',
    skips: 'The first watch may skip ahead', asks: 'Ask at marks', settings: 'Settings', test: 'Test', testHint: 'After watching enough; without questions watching is enough.', mark: 'Asked at a mark', markHint: 'The film pauses there and asks once; it gives no credit.', at: 'Time (m:ss)', badTime: 'A time within the video, such as 3:05.', question: 'Question', option: 'Option {n}', tick: 'Tick what is right, one or more.', right: 'Right', explanation: 'Explanation (optional)', addTest: 'Add a test question', addMark: 'Add one at a mark', addOption: 'Add an option', removeQuestion: 'Delete this question', saveQuestions: 'Save the questions', badQuestion: 'Each needs a text, at least two different options and a right one.', saved: 'Saved', noQuestions: 'No questions yet',
  },
}
export default words
