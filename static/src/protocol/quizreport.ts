/** Reports on quizzes: shapes of docs/protocol.md, and what a page makes of them. No I/O beside `Rest`. */

import { bankSearch, type BankKind } from './bank'
import type { Named, Opinion, Page } from './model'
import type { Rest } from './rest'

export const QUIZ_PARTS = ['question', 'unit', 'member', 'assisted'] as const
export type QuizPart = typeof QUIZ_PARTS[number]
export type FigureHint = 'check_key' | 'tells_little' | 'too_easy' | 'too_hard'

/** Thousandths; null: too few answers, or nothing to compare. */
export interface Figured { answered: number, whole: number, difficulty: number | null, discrimination: number | null, hint: FigureHint | null }
export interface QuestionFigures extends Figured { quiz_id: string, number: number, kind: BankKind, text: string, scored: boolean, opinions: Opinion[], helped: number }
export interface UnitFigures { id: string, name: string, under: string | null, depth: number, expected: number, people: number, whole: number, share: number | null }
export interface QuizReport { lesson: Named, remarkable: boolean, asked: number, scored: number, expected: number, people: number, few: number, least: number, questions: QuestionFigures[], units: UnitFigures[], papers: PaperFigures[] }
/** A paper that was asked as a whole; `collected`: who answered some of it and did not hand in (自动收卷). */
export interface PaperFigures { run_id: string, name: string, first: number, questions: number, closed_at: string | null, round: number, handed_in: number, collected: number }
export interface PaperEnd { run_id: string, handed_in_at: string | null, round: number, collected: boolean }
/** 协助作答: who was helped by whom, and why; never what was answered. */
export interface Assisted { quiz_id: string, number: number, text: string, member: Named, unit: Named, by: Named, at: string, reason: string }
export interface MemberFigures { member: Named, number: string | null, unit: Named, answered: number, whole: number, marks: number, helped: number, papers: PaperEnd[] }
export interface VersionFigures extends Figured { number: number, uses: number }
export interface BankReport { total: VersionFigures, versions: VersionFigures[], few: number, least: number, more: boolean }

export interface UnansweredUnit { unit: Named, expected: number, missing: number }
export interface UnansweredMember { member: Named, unit_id: string, given?: number }
export interface Unanswered { quiz_id: string, expected: number, missing: number, units: UnansweredUnit[], items: UnansweredMember[], questions?: number }

/** Each unit with those of its people who are listed; one of whom nobody is, is not shown. */
export function byUnit(found: Unanswered): { unit: UnansweredUnit, people: UnansweredMember[] }[] {
  return found.units.map(unit => ({ unit, people: found.items.filter(one => one.unit_id === unit.unit.id) })).filter(each => each.people.length > 0)
}

// 改判
export interface QuizKey { correct: string[], blanks: string[][] }
export interface Remark { id: string, number: number, former: QuizKey, key: QuizKey, reason: string, by: Named, at: string, changed: number, raised: number, granted: number, kept: number, made_up: number }
export interface RemarkSheet { quiz_id: string, number: number, kind: BankKind, text: string, options: { id: string, text: string }[], key: QuizKey, items: Remark[] }
export interface RemarkPerson { member: Named, unit: Named, before: number, after: number, credit: 'granted' | 'kept' | null }
export interface RemarkPreview { after: number, answers: number, changed: number, raised: number, granted: number, kept: number, made_up: number, settled: boolean, people: RemarkPerson[] }

/** A key as one line: letters and texts of options, or what is accepted in each blank. */
export function keyText(sheet: Pick<RemarkSheet, 'kind' | 'options'>, key: QuizKey): string {
  if (sheet.kind === 'fill_in') return key.blanks.map(accepted => accepted.join(' / ')).join('；')
  const lettered = (id: string) => {
    const at = sheet.options.findIndex(option => option.id === id)
    const text = sheet.options[at]?.text ?? id
    return sheet.kind === 'true_false' || at < 0 ? text : `${String.fromCharCode(65 + at)} ${text}`
  }
  return key.correct.map(lettered).join(sheet.kind === 'ordering' ? ' → ' : '、')
}

/** The key after a press on an option: one replaces the other unless several may be right; in the order of the options. */
export function pressedKey(sheet: Pick<RemarkSheet, 'kind' | 'options'>, key: QuizKey, id: string): QuizKey {
  if (sheet.kind !== 'multiple') return { ...key, correct: [id] }
  const wanted = key.correct.includes(id) ? key.correct.filter(one => one !== id) : [...key.correct, id]
  return { ...key, correct: sheet.options.map(option => option.id).filter(one => wanted.includes(one)) }
}

const root = (lessonId: string) => `/api/v1/lessons/${lessonId}/quiz-report`

export const quizReportCalls = (rest: Rest) => ({
  report: (lessonId: string) => rest.json<QuizReport>('GET', root(lessonId)),
  members: (lessonId: string, cursor?: string) => rest.json<Page<MemberFigures> & { next_cursor: string | null }>('GET', `${root(lessonId)}/members?${bankSearch({ cursor })}`),
  assisted: (lessonId: string, cursor?: string) => rest.json<Page<Assisted> & { next_cursor: string | null }>('GET', `${root(lessonId)}/assisted?${bankSearch({ cursor })}`),
  remarks: (quizId: string) => rest.json<RemarkSheet>('GET', `/api/v1/quizzes/${quizId}/remarks`),
  preview: (quizId: string, key: QuizKey) => rest.json<RemarkPreview>('POST', `/api/v1/quizzes/${quizId}/remark-preview`, { body: { ...key } }),
  /** `command`: the same for as long as the same is asked for. */
  remark: (quizId: string, key: QuizKey, reason: string, after: number, command: string) => rest.command<Remark>(`/api/v1/quizzes/${quizId}/remarks`, { command_id: command, ...key, reason, after }),
  unanswered: (quizId: string, limit: number) => rest.json<Unanswered>('GET', `/api/v1/quizzes/${quizId}/unanswered?limit=${limit}`),
  ofBank: (bankId: string) => rest.json<BankReport>('GET', `/api/v1/bank/${bankId}/report`),
})
export const quizReportFile = (lessonId: string, format: 'xlsx' | 'csv', by: QuizPart): string => `${root(lessonId)}/export?format=${format}&by=${by === 'assisted' ? 'member' : by}`

/** As people read a share; a dash where none is given. */
export const percentText = (thousandths: number | null): string => thousandths === null ? '–' : `${(thousandths / 10).toFixed(1)} %`
/** Two places, with the sign of a minus. */
export const plainText = (thousandths: number | null): string => thousandths === null ? '–' : (thousandths / 1000).toFixed(2).replace('-', '−')
/** Hundredths of questions as questions. */
export const marksText = (hundredths: number): string => String(Math.round(hundredths) / 100)
