/** Rules, verdicts, the ledger's entries and reviews: shapes of docs/protocol.md. */

import type { MadeUp, MakeUpTerms } from './makeup'
import type { MicroTerms } from './micro'
import type { AttendanceStanding, LessonKind, Named, SignInWay } from './model'

/** Answering and answering right, weighed together. */
export interface QuizTerms { answered_weight: number, right_weight: number, least_percent: number }

/** What a lesson is worth: by its kind, else by its planned length. Hundredths; null: the rule does not say. */
export interface WorthTerms {
  kinds: Partial<Record<LessonKind, number>>
  credit_minutes: number | null
  step_hundredths: number
  half_day_minutes: number | null
  half_day_hundredths: number
  day_minutes: number | null
  day_hundredths: number
}

export interface CreditRule {
  id: string
  unit: Named
  name: string
  version: number
  since: string
  until: string | null
  late_after_minutes: number
  least_present_percent: number
  least_answered_percent: number | null
  least_right_percent: number | null
  left_early_minutes: number | null
  checks: number
  checks_in_rooms: boolean
  least_checks_percent: number | null
  /** 补学; null: there is none. */
  make_up: MakeUpTerms | null
  /** 微视频; null: they give no credit. */
  micro: MicroTerms | null
  quiz?: QuizTerms | null
  worth?: WorthTerms | null
  /** Of the lesson's 核定学时, for who taught it; null: nothing. */
  teaching_percent?: number | null
  made_by?: { account_id: string, name: string } | null
  made_at?: string | null
}

export interface CreditRuleDraft {
  unit_id: string
  name: string
  since: string
  until: string | null
  late_after_minutes: number
  least_present_percent: number
  least_answered_percent: number | null
  least_right_percent: number | null
  left_early_minutes: number | null
  checks: number
  checks_in_rooms: boolean
  least_checks_percent: number | null
  /** 补学; null: there is none. */
  make_up: MakeUpTerms | null
  /** 微视频; null: they give no credit. */
  micro: MicroTerms | null
  quiz?: QuizTerms | null
  worth?: WorthTerms | null
  /** Of the lesson's 核定学时, for who taught it; null: nothing. */
  teaching_percent?: number | null
}

export interface CreditEntry {
  id: string
  position: number
  kind: 'lesson' | 'correction' | 'make_up' | 'micro' | 'outside' | 'teaching'
  lesson: { id: string, title: string } | null
  /** What was learned elsewhere. */
  outside?: { id: string, title: string, held_on: string, proof_id?: string | null } | null
  hundredths: number
  reason: string
  /** The rule it was granted by. */
  rule: { id: string, name: string, version: number } | null
  at: string
  hash: string
  /** With all its corrections, in hundredths; of a correcting entry 0. */
  comes_to?: number
  /** Of an entry that corrects another one (学时更正). */
  correcting?: { entry_id: string, before: number, after: number, reason: string, by: { account_id: string, name: string } } | null
  may_correct?: boolean
}

export const comesTo = (entry: CreditEntry): number => entry.comes_to ?? entry.hundredths

export interface EntryCorrection { hundredths: number, seen: number, reason: string }

export interface Credit { year: number, hundredths: number, entries: CreditEntry[] }

export interface Failing { code: string, text: string, text_en: string }

export interface Evidence {
  signed_in_at: string | null
  way: SignInWay | null
  late: boolean
  present_percent: number
  asked: number
  answered: number
  right: number
  standing?: AttendanceStanding
  left_early?: boolean
  on_leave?: boolean
  corrected?: AttendanceStanding | null
  checks?: number
  confirmed?: number
  level?: 'strong' | 'fair' | 'weak' | null
}

export type ReviewState = 'open' | 'granted' | 'declined'

export interface Review {
  id: string
  lesson: { id: string, title: string }
  member: Named
  text: string
  state: ReviewState
  asked_at: string
  decided_at: string | null
  decided_by: { account_id: string, name: string } | null
  answer: string
  entry: CreditEntry | null
}

export interface VerdictQuery { passed?: 'true' | 'false', unit?: string }

export interface Verdict {
  member_id: string
  name: string
  unit: Named
  passed: boolean
  hundredths: number
  failings: Failing[]
  evidence: Evidence
  entry: CreditEntry | null
  review: Review | null
  make_up?: MadeUp | null
  at: string
}
