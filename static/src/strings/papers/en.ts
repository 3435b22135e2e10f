/** Words of slides and handouts; they travel with the parts that show them. */
import type zh from './zh'

const words: typeof zh = {
  papers: {
    none: 'No papers for this lesson', noneDetail: 'Slides will be here when there are any.', slides: 'Slides', handout: 'Handout', clip: 'Clip', pages: '{n} pages', shown: 'Shown up to page {n}', now: 'On stage', look: 'Look', download: 'Download', page: 'Page {n} / {m}', pageIs: '{name}, page {n}', opening: 'Opening the slides…', failed: 'This page did not open',
    before: 'Page before', next: 'Next page', withLecturer: 'Follows the lecturer; listen to the room', ownPace: 'At your own pace, away from the lecturer', back: 'Catch up', close: 'Close', upTo: 'Every page shown so far; later ones follow when they are shown.',
    title: 'Slides, handouts and clips', lead: 'Slides and handouts are PDF, up to 200 pages and 100 MB; they become pictures that phones show sharply. Clips are videos, up to {m} minutes and 1 GB; once converted the director or the lecturer plays them.', upload: 'Upload', kind: 'Kind', kindOf: { slides: 'Slides (turned in the lesson)', handout: 'Handout (for reading)', clip: 'Clip (played in the lesson)' }, readers: 'Who may read it', release: { staff: 'Staff only; seen while on stage', before: 'Once the lesson is scheduled', during: 'When sign-in opens', after: 'After the lesson' },
    choose: 'Choose a file', sending: 'Uploading {p} %', states: { uploading: 'Uploading', queued: 'Waiting', converting: 'Converting {p} %', ready: 'Ready', failed: 'Not converted' }, stop: 'Cancel', remove: 'Delete', removeAsk: 'Delete “{name}”?', removeDetail: 'The file and its pages go for good.', rename: 'Rename', name: 'Name', save: 'Save',
    unfit: { pdf: { type: 'Choose a PDF file.', size: 'The file is larger than 100 MB: compress or split it.' }, clip: { type: 'Choose a video, for example MP4, MOV or MKV.', size: 'The video is larger than 1 GB: compress or split it.' } }, empty: 'No slides, handouts or clips yet', emptyDetail: 'Upload a PDF to turn its pages on the desk, or a video to play it as a clip.', by: 'Uploaded by {name}, {t}', secret: 'No classified content',
    openNow: 'Show', closeSlides: 'Put away', following: 'Next', last: 'This is the last page', keys: '← → or a presenter turn pages', noneDesk: 'Upload a PDF here or in management; show it with one click when it is ready.', deck: 'Slides {name}', thumbs: 'All pages', offAir: 'Can be shown when the lesson is open',
  },
}
export default words
