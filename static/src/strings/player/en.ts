/** Words of the player of recordings; they travel with it. */
export default {
  player: {
    chapters: 'Chapters', chapter: 'Chapter {n}',
    play: 'Play', pause: 'Pause', back: 'Back 10 seconds', forward: 'Forward 10 seconds', speed: 'Speed', full: 'Full screen', position: 'Position', title: 'Recording', failed: 'The recording does not play just now', failedDetail: 'Try again; if it goes on, tell the administrator.', keys: 'Space play/pause · ← → 10 seconds · ↑ ↓ speed · F full screen', running: 'Still recording; can be watched from the start', gaps: '{t} missing (equipment was interrupted)', recovered: 'Recovered after an interruption', loading: 'Opening the recording…', mute: 'Mute', unmute: 'Sound on',
  },
}
