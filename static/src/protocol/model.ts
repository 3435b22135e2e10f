/** The shapes of docs/protocol.md, version 1, as they travel. */

import type { Slides } from './slides'
import type { Picture } from './shownpicture'

export type Role =
  | 'system_admin' | 'security_admin' | 'audit_admin' | 'school_admin'
  | 'director' | 'lecturer' | 'secretary' | 'venue_operator' | 'member'

export interface Named { id: string, name: string }

export interface Me {
  account_id: string
  name: string
  number: string
  kind: 'person' | 'device'
  member_id: string | null
  unit: Named | null
  venue: Named | null
  roles: { role: Role, unit_id: string }[]
  home: string
  password_set?: boolean
  /** The version of the text that is to be accepted before anything else. */
  consent?: number | null
  /** An administrator who has to set it up before anything else. */
  second_factor_due?: boolean
}

export interface Info {
  product: string
  version: string
  organisation: string
  language: string
  notice: string
  notice_en: string
  /** Of identities: the login page has a button for it. */
  provider?: { name: string, name_en: string } | null
  clip_minutes: number
}

export interface Unit {
  id: string
  parent_id: string | null
  name: string
  kind: 'committee' | 'general_branch' | 'branch'
  members: number
}

export interface Venue { id: string, name: string, unit_id: string, room: string, seats: number }
export interface Lecturer { account_id: string, name: string }

export type LessonState =
  | 'draft' | 'scheduled' | 'open' | 'live' | 'ended' | 'settled' | 'archived' | 'cancelled'
export type LessonEvent = 'schedule' | 'open' | 'start' | 'end' | 'settle' | 'archive' | 'cancel' | 'reopen_draft'
export type May =
  | 'read' | 'run' | 'publish_main' | 'publish_venue' | 'edit' | 'watch' | 'board' | 'assist' | 'vouch' | 'quiz' | 'settle' | 'prepare'
export type Part = 'main' | 'branch'
export type LessonKind = 'lecture' | 'members_meeting' | 'committee_meeting' | 'group_meeting' | 'party_class' | 'theme_day'
export type SlotName = 'camera' | 'screen'

export interface LessonVenue { id: string, venue: Named, part: Part, source: string, fallback?: string | null, kiosk?: boolean }

export interface Lesson {
  id: string
  title: string
  unit: Named
  lecturer: Lecturer | null
  state: LessonState
  starts_at: string
  ends_at: string
  opened_at: string | null
  live_at: string | null
  ended_at: string | null
  settled_at: string | null
  recorded: boolean
  /** 核定学时 in hundredths: 150 is 1.5 学时; 0: the lesson gives none. */
  credit_hundredths: number
  /** Who watches reads the own name over the picture. */
  watermark: boolean
  replay_skips: boolean
  /** The credit rule frozen at the opening. */
  rule: { id: string, name: string, version: number } | null
  video_codec: 'H264' | 'VP8'
  venues: LessonVenue[]
  version: number
  may: May[]
  my_venue: string | null
  /** Venues of it that one operates, `my_venue` among them. */
  operates?: string[]
  kind: LessonKind
  /** False: people meet, nothing is sent or recorded. */
  media: boolean
  course: Named | null
  series_id: string | null
  /** The 党小组 that holds it. */
  group?: Named | null
}

export interface LessonDraft {
  title: string
  unit_id: string
  lecturer_id?: string | null
  starts_at: string
  ends_at: string
  recorded: boolean
  credit_hundredths?: number
  watermark?: boolean
  replay_skips?: boolean
  kind?: LessonKind
  media?: boolean
  course_id?: string | null
  group_id?: string | null
  venues: { venue_id: string, part: Part }[]
}

export interface StageSource {
  source: string
  label: string
  connected: boolean
  has_video: boolean
  has_audio: boolean
  video_codec: string | null
  bitrate_bps: number
  loss: number
  audio_level_dbov: number
}

export interface StageVenue {
  id: string
  name: string
  part: Part
  source: string
  online: boolean
  microphone: 'muted' | 'ready' | null
  /** What staff lets it do. */
  speech: Speech
  /** Its part in the last roll call; null: none, or it is not called (the main venue). */
  roll: RollMark | null
  /** Its people were moved, to `target` or (null) to their phones. */
  failover?: { id: string, target: string | null, target_name: string } | null
}

/** 静音 / 可发言 / 正在发言 */
export type Speech = 'muted' | 'allowed' | 'speaking'
/** 在线应答 / 无画面 / 无声音 / 未应答 */
export type RollResult = 'answered' | 'no_picture' | 'no_sound' | 'absent'
/** `proposal`: what the house would say of it; staff only, while it is called. */
export interface RollMark { called: boolean, answered_at: string | null, result: RollResult | null, proposal: RollResult | null }
/** The lesson's last roll call. `called`: a lesson venue's id. */
export interface RollStanding {
  id: string
  number: number
  running: boolean
  started_at: string
  finished_at: string | null
  called: string | null
  total: number
  decided: number
}

export type Urgency = 'normal' | 'urgent'
/** 呼叫会控. `lesson_venue_id` null: the lecturer calls. */
export interface Help {
  id: string
  lesson_venue_id: string | null
  name: string
  urgency: Urgency
  text: string
  state: 'waiting' | 'answered' | 'closed'
  asked_at: string
  answer: string
  answered_at: string | null
  answered_by: string | null
  closed_at: string | null
}

/** From the director to every venue's operator. `unread` names venues, to staff; `mine`: this venue has read it. */
export interface DirectorNotice { id: string, text: string, sent_at: string, sent_by: string, venues: number, read: number, unread: string[], mine: boolean }

export type RecordingState = 'off' | 'running' | 'paused' | 'finished'
/** `source` null: of the whole lesson. */
export interface Alarm { code: string, text: string, text_en: string, since: string, source: string | null }

/** `position_ms`: when it was said. */
export interface ClipOnAir { material_id: string, name: string, duration_ms: number, position_ms: number, paused: boolean, started_by: string }

export interface Stage {
  lesson_id: string
  seq: number
  state: LessonState
  slots: Record<SlotName, string | null>
  /** The lecturer's machine that the lesson is taught from. */
  desk: 'main' | 'spare'
  opened_audio: string[]
  on_air_venue: string | null
  sources: StageSource[]
  venues: StageVenue[]
  viewers: number
  online: number
  recording: { id: string, state: RecordingState, duration_ms: number } | null
  /** 播放短片: the one in play. */
  clip: ClipOnAir | null
  alarms: Alarm[]
  media_ok: boolean
  roll_call: RollStanding | null
  talkbacks: Talkback[]
  /** 紧急切断: nobody gets the programme. `by` and `reason` for staff. */
  cut: Cut | null
  /** Nobody gets it yet, or for a while. */
  standby: Standby | null
  slides: Slides | null
  /** For staff: where the recording is written. */
  storage?: { free_bytes: number, low: boolean } | null
}

export interface Cut { since: string, by: string | null, reason: string | null }
/** `until` null: nobody said. `note` empty: the lesson has not begun. */
export interface Standby { since: string, until: string | null, note: string }

/** 对讲 to one venue. `confirmed`: although everybody hears that room. */
export interface Talkback { lesson_venue_id: string, source: string, by: string, since: string, account_id: string, confirmed: boolean }

export interface LessonLogEvent { seq: number, at: string, kind: string, data: Record<string, unknown> }

/** `return_token`: of a view, for the next dials instead of another ticket. */
export interface Ticket { url: string, token: string, expires_at: string, return_token?: string | null }
export interface SocketTicket { ticket: string, expires_at: string }
/** `renew_after_s`: ask for the next addresses after so many seconds; the device's own clock may be wrong. */
export interface Playlists { camera: string, screen: string | null, expires_at: string, renew_after_s?: number, duration_ms?: number, watermark?: boolean, pictures?: string | null }

export interface Recording {
  id: string
  lesson_id: string
  title: string
  state: 'running' | 'paused' | 'finished'
  started_at: string | null
  duration_ms: number
  bytes: number
  recovered: boolean
  gaps_ms: number
  /** When its lesson was to begin. */
  starts_at: string
  kind: LessonKind
  unit: { id: string, name: string }
  lecturer: { account_id: string, name: string } | null
  /** The first places whose words were searched for, and how many there are. */
  marks: { at: string, title: string }[]
  marks_found: number
  poster?: boolean
}

export interface Page<T> { items: T[], next_cursor: string | null }
export type Face = 'phone' | 'venue' | 'desk' | 'console' | 'board'

// Roster, sign-in, board (section 4)

export type MemberKind = 'full' | 'probationary' | 'candidate' | 'activist' | 'guest'
export type SignInWay = 'qr' | 'code' | 'phone' | 'assisted' | 'kiosk'

export interface UnitAssignment {
  unit: Named
  parent_id: string | null
  members: number
  /** null: by phone. */
  venue_id: string | null
  /** Taken over from the nearest unit above. */
  inherited: boolean
}

export interface MemberAssignment {
  member_id: string
  number: string | null
  name: string
  kind: MemberKind
  unit: Named
  venue_id: string | null
  expected: boolean
}

export interface Assignments { units: UnitAssignment[], members: MemberAssignment[], expected: number }

export interface AssignmentsDraft {
  units: { unit_id: string, venue_id: string | null }[]
  /** By id, or by number for one that was just typed. */
  members: { member_id?: string, number?: string, venue_id: string | null, expected: boolean }[]
}

export interface SignIn {
  lesson_id: string
  member_id: string
  at: string
  way: SignInWay
  /** Where the member is; null: by phone. */
  lesson_venue_id: string | null
  venue_name: string | null
  late: boolean
  /** Moved to this venue, and not seen there yet. */
  arriving?: Named | null
}

export interface RosterItem {
  member_id: string
  name: string
  number: string | null
  kind: MemberKind
  unit: Named
  lesson_venue_id: string | null
  /** null: frozen at the opening and counted in 应到. */
  added_at: string | null
  reason: string
  sign_in: { at: string, way: SignInWay, lesson_venue_id: string | null, late: boolean, left_at: string | null, reason?: string } | null
  leave?: LeaveState | null
  standing?: AttendanceStanding
  /** A person put it in place of what the record says. */
  corrected?: boolean
  /** On loan (借调): the unit that has the member otherwise. */
  loan_unit?: Named | null
}

export type LeaveState = 'asked' | 'approved' | 'refused' | 'withdrawn'
export type AttendanceStanding = 'present' | 'late' | 'left_early' | 'on_leave' | 'absent'

export type RosterState = 'present' | 'late' | 'missing' | 'on_leave' | 'arriving' | 'left' | 'added' | 'walked_in' | 'on_loan'
export interface RosterQuery { state?: RosterState, venue?: string, unit?: string }

export interface VenueCode { url: string, qr: string, code: string, shows_at: string, until: string }
/** The present slot and the next two, so a screen survives a hiccup. */
export interface VenueCodes { lesson_venue_id: string, codes: VenueCode[], server_time: string }

/** What a scanned code was redeemed into, bound to this browser. */
export interface SignInProof { lesson: { id: string, title: string }, venue: Named, redeemed_at: string, expires_at: string }

export type SignInWish =
  | { way: 'phone' }
  | { way: 'code', code: string, elsewhere?: boolean }
  | { way: 'qr', token: string, elsewhere?: boolean }

export interface Attendance {
  expected: boolean
  lesson_venue: Named | null
  added: boolean
  sign_in: SignIn | null
  sign_in_open: boolean
  /** The venue whose people were moved, while that holds. */
  moved_from?: Named | null
  /** The newest request of one's own. */
  leave?: { id: string, reason: string, state: LeaveState, asked_at: string, answer: string } | null
}

/** 实到率 in thousandths: 实到/应到, and 实到/(应到 − 准假); null: a share of nothing. */
export interface Rates { of_expected: number | null, of_due: number | null }
interface Counted { expected: number, present: number, late: number, missing: number, on_leave: number, rates: Rates }
export interface BoardVenue extends Counted { lesson_venue_id: string | null, name: string }
export interface BoardUnit extends Counted { unit_id: string, name: string, on_loan: number }

export interface Board {
  lesson_id: string
  at: string
  expected: number
  added: number
  present: number
  late: number
  left: number
  missing: number
  on_phone: number
  on_leave: number
  /** Of the expected, on loan (借调). */
  on_loan: number
  rates: Rates
  venues: BoardVenue[]
  units: BoardUnit[]
  kinds: { kind: MemberKind, expected: number, present: number }[]
}

// Quizzes

export type QuestionKind = 'single' | 'multiple' | 'true_false' | 'fill_in' | 'ordering' | 'opinion' | 'word_cloud'
export interface QuizOption { id: string, text: string }

export interface Question {
  id: string
  position: number
  kind: QuestionKind
  text: string
  options: QuizOption[]
  correct: string[]
  explanation: string
  seconds: number
  version: number
  /** As it stands it is a version of a question of the bank. */
  from_bank?: boolean
  /** Number of the marking rule; of a fill-in what each blank accepts. */
  scoring?: number
  blanks?: string[][]
  picture?: Picture | null
}

/** `correct` by index into `options`; a true/false question may leave its options out. */
export interface QuestionDraft {
  kind: QuestionKind
  text: string
  options?: string[]
  correct: number[]
  blanks?: string[][]
  scoring?: number
  explanation?: string
  seconds?: number
  picture?: Pick<Picture, 'sha256' | 'alt'> | null
}

export interface UnitRatio { unit_id: string, name: string, expected: number, answered: number, right: number }

export interface QuizResult {
  answered: number
  right: number
  distribution: Record<string, number>
  correct: string[]
  explanation: string
  units: UnitRatio[]
  /** It was marked again: what was said to be right before, and why. */
  remarked?: { number: number, correct: string[], reason: string, at: string } | null
  /** Of a fill-in: what each blank accepts. */
  blanks?: string[][]
  /** All marks together, in hundredths of the question. */
  marks?: number
}

export interface Opinion { text: string, count: number }

export interface Quiz {
  id: string
  lesson_id: string
  question_id: string
  number: number
  kind: QuestionKind
  text: string
  options: QuizOption[]
  seconds: number
  launched_at: string
  deadline_at: string
  closed_at: string | null
  server_time: string
  my_choice: string[] | null
  /** Staff and venue screens only. */
  answered: number | null
  expected: number | null
  /** Staff always; everybody else after closing. */
  result: QuizResult | null
  /** False: opinions and word clouds, which say 不代替组织表决. */
  scored?: boolean
  /** How many texts an answer may have; 0: it is made of options. */
  places?: number
  picture?: Picture | null
  /** Which of a member's answers counts. */
  keep?: 'first' | 'last'
  /** Its time stands still since then. */
  paused_at?: string | null
  /** 1, and one more each time it was opened again; why, the last time. */
  round?: number
  reopen_reason?: string
  /** Hundredths of the question, with the result. */
  my_marks?: number | null
  my_round?: number | null
  /** The paper that it is asked in as a whole, and where in it as one sees it, from 1. */
  run?: { id: string, name: string, place: number, size: number, handed_in_at?: string | null } | null
  /** The member's own count of the answer that stands; 0: none does. */
  my_nth?: number
  /** What was approved of an opinion or a word cloud, the most frequent first; null: not to be seen yet. */
  opinions?: Opinion[] | null
  /** Why somebody else put the own answer in (协助作答). */
  my_helped?: string | null
}

/** The message `quiz`: staff and venue screens, at most one a second; `distribution` staff only. */
/** Of a paper asked as a whole `run_id`, and `begun`: who has answered any question; `answered`: every one. */
export interface QuizCount { quiz_id: string, answered: number, expected: number, distribution?: Record<string, number>, run_id?: string, begun?: number, handed_in?: number, opinions?: Opinion[] }

export interface AnswerReceipt { quiz_id: string, choice: string[], received_at: string, nth?: number }

// Hands

export type HandState = 'waiting' | 'invited' | 'on_air' | 'done' | 'withdrawn' | 'declined' | 'missed'

export interface Hand {
  id: string
  kind: 'member' | 'venue'
  speaker_id: string
  name: string
  unit: string
  topic: string
  /** The lesson venue it is heard by; null: the member's own phone. */
  through: string | null
  source: string
  state: HandState
  raised_at: string
  /** In the queue, from 1; null: it does not wait, or nobody said yet. */
  position: number | null
  expires_at: string | null
  on_air_at: string | null
  ended_at: string | null
}

/** `active`, `queue` and `ended` are for staff; everybody has the own one. */
export interface Hands { seq: number, server_time: string, waiting: number, own: Hand | null, active: Hand | null, queue: Hand[], ended: Hand[] }
