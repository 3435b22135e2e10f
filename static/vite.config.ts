import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** What only staff and halls use, by the beginning of its name (icons: by the whole of it): it stays out of what phones load. */
const STAFF = {
  design: ['AnswerTexts', 'AnswerOrder', 'ShareBar', 'Dialog', 'Field', 'OptionBars', 'LocalPicture', 'ConfirmDialog', 'DevicePicker', 'Meter', 'StreamPicture', 'Watermark'],
  session: [
    'boardwatch', 'branch', 'vouching', 'chat', 'missing', 'venuecode', 'flags', 'wanted', 'quiz', 'planned', 'hands', 'tail', 'helps', 'directing',
    'inquiries', 'talk', 'lesson', 'papers', 'paperwork', 'deckturner', 'readiness', 'acting', 'lifecycle', 'keys', 'faults', 'patrol',
    'doors', 'rooms', 'preflight', 'publishing', 'rollcall', 'makeups', 'filters', 'micro', 'kiosk', 'sending', 'venues', 'outside', 'years',
  ],
  protocol: [
    'calendar', 'branch', 'accounts', 'imports', 'notices', 'figures', 'question', 'agenda', 'planned', 'assigning', 'rule', 'signcode', 'inquiries',
    'directing', 'materials', 'readiness', 'kits', 'makeup', 'micro', 'privacy', 'vouching', 'rooms', 'keeping', 'bank', 'papers', 'quizreport', 'certificates',
    'attendance', 'outside', 'oversight', 'yearunits', 'standing', 'chat', 'clips', 'organisation', 'pictures', 'scanned', 'source', 'timeline', 'venues', 'whip', 'years',
  ],
  /** What sends pictures or shows many at once; a phone gets it when its owner is asked on air. */
  media: ['devices', 'guarded', 'level', 'measure', 'publication', 'testline', 'wall'],
  icons: [
    'alarm-clock', 'calendar-days', 'clipboard-list', 'users', 'calendar-sync', 'layers', 'phone-call', 'file-spreadsheet', 'trash.*', 'user-plus', 'mic', 'mic-off', 'key-round',
    'users-round', 'plus', 'arrow-left', 'clapperboard', 'check', 'map-pinned', 'x', 'pencil', 'search', 'pause', 'volume-x', 'download',
    'undo-2', 'messages-square', 'rotate-ccw', 'rotate-cw', 'circle-play', 'upload', 'file-check.*', 'check-check', 'bell-ring', 'award', 'file-text', 'clipboard-check', 'message-square-text', 'copy', 'arrow-right-left', 'monitor-pause', 'list-checks', 'shield-check', 'screen-share', 'circle-x', 'grip-vertical', 'graduation-cap', 'arrow-up', 'arrow-down', 'calculator',
    'bookmark', 'chevron-down', 'columns-2', 'images', 'keyboard', 'library-big', 'files', 'list', 'message-circle-question-mark', 'phone', 'picture-in-picture-2', 'radio', 'rectangle-horizontal', 'user-round',
  ],
}
/**
 * Whose files are asked for side by side, by the beginning of a chunk's name. Other pages ask for what they import when
 * they are there: the names of all their files would be an eighth of what the page after a scanned code waits for.
 */
const HURRIED = /assets\/(Phone|SignInPage|Login|Portal|Papers|QuizSheet)-/
const but = (names: readonly string[]) => `(?!${names.join('|')})`

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: 'true', // Vant and Element Plus use it in places
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'true', // strings/index.ts has the one form that is used,
  },
  build: {
    target: ['es2020', 'chrome87', 'safari14', 'firefox88'],
    manifest: true,
    modulePreload: {
      resolveDependencies: (file, needs, { hostType }) =>
        hostType === 'html' || HURRIED.test(file) ? needs : needs.filter(name => name.endsWith('.css')),
    },
    // The page's policy forbids data: scripts and fonts, and small files compress better apart.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // Shared small things travel together: a phone asks for ten files, not for thirty. What only staff and halls
        // use stays out of them, however many of their faces share it.
        advancedChunks: {
          groups: [
            { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|pinia|vue-i18n|@intlify)\//, priority: 3 },
            { name: 'shared', test: new RegExp(`src/(design/${but(STAFF.design)}|session/${but(STAFF.session)}|clock)|node_modules/@lucide/(?!.*/(${STAFF.icons.join('|')})\\.)`), minShareCount: 3, priority: 2 },
            { name: 'media', test: new RegExp(`src/(media/${but(STAFF.media)}|protocol/${but(STAFF.protocol)})|node_modules/(socket|engine)\\.io|src/session/lesson`), minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000 },
})
