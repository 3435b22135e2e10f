/** The faces and their deep links. Each face is a chunk of its own. */

import { createRouter, createWebHistory, START_LOCATION, type Router } from 'vue-router'
import { useAccount } from './session/account'
import { useSite, type FaceName } from './session/site'
import { trouble } from './session/trouble'
import { speakStaff } from './strings'

declare module 'vue-router' {
  interface RouteMeta {
    face: FaceName
    /** May be seen without logging in. */
    open?: boolean
  }
}

/** Only a path of ours: `//elsewhere` and `https:…` are not followed after login. */
export function safeNext(next: unknown): string | null {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : null
}

type Face = () => Promise<unknown>
/** A face, and the words that come with it. */
const worded = (speak: () => Promise<unknown>) => (face: Face): Face => async () => (await Promise.all([face(), speak()]))[0]
const access = worded(async () => (await import('./strings/access')).speakAccess())
const organisation = worded(async () => (await import('./strings/organisation')).speakOrganisation())
const privacy = worded(async () => (await import('./strings/privacy')).speakPrivacy())
/** A recording's page. */
const player = worded(async () => (await import('./strings/player')).speakPlayer())
/** The parts about venues and their devices. */
const venues = worded(async () => (await import('./strings/venues')).speakVenues())
const certificates = () => import('./faces/certificates')
const makeUp = () => import('./faces/makeup')
const notices = worded(async () => (await import('./strings/notices')).speakNotices())
/** The page of attendance over many lessons. */
const attendance = worded(async () => (await import('./strings/attendance')).speakAttendance())
/** The question bank, and reports on what was asked. */
const bank = worded(async () => (await import('./strings/quizreport')).speakQuizReport())
/** What credit is held against. */
const years = worded(async () => (await import('./strings/years')).speakYears())
const audit = worded(async () => (await import('./strings/audit')).speakAudit())
/** For staff or a hall. */
const staff = worded(speakStaff)

export function createFaces(): Router {
  const router = createRouter({
    history: createWebHistory(),
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
    routes: [
      { path: '/', component: () => import('./faces/portal/Portal.vue'), meta: { face: 'portal' } },
      { path: '/login', component: () => import('./faces/login/Login.vue'), meta: { face: 'login', open: true } },
      { path: '/sign-in', component: () => import('./faces/signin/SignInPage.vue'), meta: { face: 'phone', open: true } },
      { path: '/credit', component: () => import('./faces/portal/CreditPage.vue'), meta: { face: 'portal' } },
      { path: '/credit/branch', component: () => import('./faces/outside').then(all => all.branch()), meta: { face: 'portal' } },
      { path: '/certificates', component: () => certificates().then(all => all.own()), meta: { face: 'portal' } },
      { path: '/certificates/check', component: () => certificates().then(all => all.check()), meta: { face: 'portal', open: true } },
      { path: '/certificates/:number', component: () => certificates().then(all => all.check()), props: true, meta: { face: 'portal', open: true } },
      { path: '/inbox', component: notices(() => import('./faces/notices/InboxPage.vue')), meta: { face: 'portal' } },
      { path: '/make-ups', component: () => makeUp().then(all => all.mine()), meta: { face: 'portal' } },
      { path: '/make-ups/branch', component: () => makeUp().then(all => all.branch()), meta: { face: 'portal' } },
      { path: '/make-ups/:id', component: () => makeUp().then(all => all.one()), props: true, meta: { face: 'portal' } },
      { path: '/:page(courses|videos)/:id?', component: () => import('./faces/micro').then(all => all.page()), props: true, meta: { face: 'portal' } },
      { path: '/calendar', component: () => import('./faces/calendar/page').then(one => one.page()), meta: { face: 'portal' } },
      { path: '/recordings', component: () => import('./faces/archive').then(one => one.own()), meta: { face: 'portal' } },
      { path: '/account', component: access(() => import('./faces/access/AccountPage.vue')), meta: { face: 'portal' } },
      { path: '/accounts', component: access(() => import('./faces/access/RolesPage.vue')), meta: { face: 'portal' } },
      { path: '/privacy', component: privacy(() => import('./faces/privacy/PrivacyPage.vue')), meta: { face: 'portal' } },
      { path: '/codes', component: access(() => import('./faces/access/CodesPage.vue')), meta: { face: 'portal' } },
      { path: '/branch/:lessonId', component: staff(() => import('./faces/branch').then(one => one.page())), props: true, meta: { face: 'portal' } },
      { path: '/rooms/:lessonId/:roomId', component: staff(() => import('./faces/rooms').then(one => one.page())), props: true, meta: { face: 'portal' } },
      { path: '/m/:lessonId', component: () => import('./faces/phone/Phone.vue'), props: true, meta: { face: 'phone' } },
      { path: '/venue', component: venues(() => import('./faces/venue/VenueHome.vue')), meta: { face: 'venue', open: true } },
      { path: '/venue/:lessonId', component: staff(() => import('./faces/venue/VenueScreen.vue')), props: true, meta: { face: 'venue' } },
      { path: '/desk/:lessonId', component: staff(() => import('./faces/desk/Desk.vue')), props: to => ({ lessonId: String(to.params.lessonId), spare: to.query.spare !== undefined }), meta: { face: 'desk' } },
      { path: '/console/:lessonId', component: staff(() => import('./faces/console/Console.vue')), props: true, meta: { face: 'console' } },
      { path: '/board/:lessonId', component: staff(() => import('./faces/board/BoardScreen.vue')), props: true, meta: { face: 'board' } },
      {
        path: '/manage',
        component: staff(() => import('./faces/manage/Manage.vue')),
        meta: { face: 'manage' },
        children: [
          { path: '', redirect: '/manage/lessons' },
          { path: 'lessons', component: () => import('./faces/manage/Lessons.vue'), meta: { face: 'manage' } },
          { path: 'lessons/new', component: () => import('./faces/manage/LessonForm.vue'), meta: { face: 'manage' } },
          { path: 'lessons/:id', component: () => import('./faces/manage/LessonPage.vue'), props: true, meta: { face: 'manage' } },
          { path: 'lessons/:id/edit', component: () => import('./faces/manage/LessonForm.vue'), props: true, meta: { face: 'manage' } },
          { path: 'lessons/:id/assignments', component: () => import('./faces/manage/Assignments.vue'), props: true, meta: { face: 'manage' } },
          { path: 'lessons/:id/roster', component: () => import('./faces/manage/RosterPage.vue'), props: true, meta: { face: 'manage' } },
          { path: 'lessons/:id/notices', component: notices(() => import('./faces/notices/LessonNotices.vue')), props: true, meta: { face: 'manage' } },
          { path: 'lessons/:id/credit', component: () => import('./faces/manage/CreditPage.vue'), props: true, meta: { face: 'manage' } },
          { path: 'lessons/:id/quizzes', component: bank(() => import('./faces/manage/quizreport/QuizReport.vue')), props: true, meta: { face: 'manage' } },
          { path: ':page(calendar|courses|dues|certificates|oversight|upward|credit-year)/:id?', component: () => import('./faces/manage/Planning.vue'), props: true, meta: { face: 'manage' } },
          { path: 'reviews', component: () => import('./faces/manage/Reviews.vue'), meta: { face: 'manage' } },
          { path: 'credit-rules', component: years(() => import('./faces/manage/CreditRules.vue')), meta: { face: 'manage' } },
          { path: 'credit-rules/years', component: years(() => import('./faces/manage/credit/YearRules.vue')), meta: { face: 'manage' } },
          { path: 'credit-rules/roles', component: years(() => import('./faces/manage/credit/StudyRoles.vue')), meta: { face: 'manage' } },
          { path: 'words', component: () => import('./faces/manage/Words.vue'), meta: { face: 'manage' } },
          { path: 'bank', component: bank(() => import('./faces/manage/bank/Bank.vue')), meta: { face: 'manage' } },
          { path: 'papers', component: bank(() => import('./faces/manage/bank/Papers.vue')), meta: { face: 'manage' } },
          { path: 'recordings', component: () => import('./faces/archive').then(one => one.managed()), meta: { face: 'manage' } },
          { path: 'organisation', component: organisation(() => import('./faces/manage/Organisation.vue')), meta: { face: 'manage' } },
          { path: 'organisation/imports', component: organisation(() => import('./faces/manage/imports/Imports.vue')), meta: { face: 'manage' } },
          { path: 'organisation/imports/:id', component: organisation(() => import('./faces/manage/imports/ImportPage.vue')), props: true, meta: { face: 'manage' } },
          { path: 'attendance', component: attendance(() => import('./faces/manage/attendance/Attendance.vue')), meta: { face: 'manage' } },
          { path: 'audit', component: audit(() => import('./faces/manage/audit/Audit.vue')), meta: { face: 'manage' } },
          { path: 'venues', component: venues(() => import('./faces/manage/Venues.vue')), meta: { face: 'manage' } },
          { path: 'venues/:id', component: venues(() => import('./faces/manage/VenuePage.vue')), props: true, meta: { face: 'manage' } },
        ],
      },
      { path: '/manage/recordings/:id', component: player(() => import('./faces/manage/RecordingPage.vue')), props: true, meta: { face: 'manage' } },
      { path: '/:rest(.*)*', component: () => import('./faces/portal/Unknown.vue'), meta: { face: 'portal', open: true } },
    ],
  })
  router.beforeEach(async (to) => {
    trouble.value = null
    if (to.meta.open === true) return true
    try {
      const me = await useAccount().find()
      if (me?.second_factor_due && to.path !== '/account') return '/account'
      return me ? true : { path: '/login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
    } catch (error) {
      trouble.value = { error, again: () => { void router.replace(to.fullPath) } }
      return false
    }
  })
  router.afterEach((to) => { useSite().face = to.meta.face })
  // A new version took the old chunks away: the page is loaded again. One that was just loaded knows no newer ones.
  router.onError((error, to, from) => {
    if (from !== START_LOCATION && /dynamically imported module|Importing a module script failed|error loading/i.test(String(error))) {
      globalThis.location.assign(to.fullPath)
    } else {
      trouble.value = { error, again: () => { globalThis.location.assign(to.fullPath) } }
    }
  })
  return router
}
