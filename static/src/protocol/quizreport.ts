/** Reports on quizzes: shapes of docs/protocol.md, and what a page makes of them. No I/O beside `Rest`. */

import { bankSearch, type BankKind } from './bank'
import type { Named, Page } from './model'
import type { Rest } from './rest'

export const QUIZ_PARTS = ['question', 'unit', 'member'] as const
export type QuizPart = typeof QUIZ_PARTS[number]
export type FigureHint = 'check_key' | 'tells_little' | 'too_easy' | 'too_hard'

/** Thousandths; null: too few answers, or nothing to compare. */
export interface Figured { answered: number, whole: number, difficulty: number | null, discrimination: number | null, hint: FigureHint | null }
export interface QuestionFigures extends Figured { quiz_id: string, number: number, kind: BankKind, text: string }
export interface UnitFigures { id: string, name: string, under: string | null, depth: number, expected: number, people: number, whole: number, share: number | null }
export interface QuizReport { lesson: Named, asked: number, scored: number, expected: number, people: number, few: number, least: number, questions: QuestionFigures[], units: UnitFigures[] }
export interface MemberFigures { member: Named, number: string | null, unit: Named, answered: number, whole: number, marks: number }
export interface VersionFigures extends Figured { number: number, uses: number }
export interface BankReport { total: VersionFigures, versions: VersionFigures[], few: number, least: number, more: boolean }

const root = (lessonId: string) => `/api/v1/lessons/${lessonId}/quiz-report`

export const quizReportCalls = (rest: Rest) => ({
  report: (lessonId: string) => rest.json<QuizReport>('GET', root(lessonId)),
  members: (lessonId: string, cursor?: string) => rest.json<Page<MemberFigures> & { next_cursor: string | null }>('GET', `${root(lessonId)}/members?${bankSearch({ cursor })}`),
  ofBank: (bankId: string) => rest.json<BankReport>('GET', `/api/v1/bank/${bankId}/report`),
})
export const quizReportFile = (lessonId: string, format: 'xlsx' | 'csv', by: QuizPart): string => `${root(lessonId)}/export?format=${format}&by=${by}`

/** As people read a share; a dash where none is given. */
export const percentText = (thousandths: number | null): string => thousandths === null ? '–' : `${(thousandths / 10).toFixed(1)} %`
/** Two places, with the sign of a minus. */
export const plainText = (thousandths: number | null): string => thousandths === null ? '–' : (thousandths / 1000).toFixed(2).replace('-', '−')
/** Hundredths of questions as questions. */
export const marksText = (hundredths: number): string => String(Math.round(hundredths) / 100)
