/** Words of the player of recordings; they travel with it. */
export default {
  player: {
    chapters: 'Chapters', chapter: 'Chapter {n}',
    contact: 'Contact sheet', goTo: 'Go to {t}',
    listening: 'Sound only, pictures put away', layout: 'Layout', layouts: { side: 'Side by side', corner: 'Inset', screen: 'Screen only', audio: 'Listen', one: 'Picture' },
    kinds: { all: 'All', mark: 'Marks', slides: 'Slides', stage: 'On air', quiz: 'Quizzes', inquiry: 'Questions', clip: 'Clips', cut: 'Cuts' },
    play: 'Play', pause: 'Pause', back: 'Back 10 seconds', forward: 'Forward 10 seconds', speed: 'Speed', full: 'Full screen', position: 'Position', title: 'Recording', failed: 'The recording does not play just now', failedDetail: 'Try again; if it goes on, tell the administrator.', keys: 'Space play/pause · ← → 10 seconds · ↑ ↓ speed · 1–4 layout · F full screen', running: 'Still recording; can be watched from the start', gaps: '{t} missing (equipment was interrupted)', recovered: 'Recovered after an interruption', loading: 'Opening the recording…', mute: 'Mute', unmute: 'Sound on',
  },
}
