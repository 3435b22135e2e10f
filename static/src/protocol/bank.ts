/** 题库 (docs/protocol.md, section 4): its calls, and a question as it is written in a form. No I/O beside `Rest`. */

import type { Named, Page, Question } from './model'
import { randomId, type Rest } from './rest'
import type { Picture } from './shownpicture'

export type BankKind = 'single' | 'multiple' | 'true_false' | 'fill_in' | 'ordering' | 'opinion' | 'word_cloud'
export type Difficulty = 'easy' | 'medium' | 'hard'

export interface BankContent {
  kind: BankKind
  text: string
  options: string[]
  correct: number[]
  blanks: string[][]
  scoring: number
  explanation: string
  source: string
  tags: string[]
  difficulty: Difficulty
  seconds: number
  picture?: Picture | null
}
export interface BankQuestion extends BankContent {
  id: string
  unit: Named
  version_id: string
  number: number
  used: boolean
  changed_at: string
  retired_at: string | null
  version: number
}
export interface BankPage extends Page<BankQuestion> { next_cursor: string | null, total: number, tags: { tag: string, questions: number }[] }
export interface BankVersion extends Pick<BankContent, 'kind' | 'text' | 'options' | 'correct' | 'blanks' | 'scoring' | 'explanation' | 'picture'> { number: number, by: string, at: string, used_at: string | null }
export interface BankIssue { sheet: string, cell: string, value: string, fault: string, text: string, text_en: string }
export interface BankImport {
  file: string
  rows: number
  created: number
  changed: number
  unchanged: number
  errors: number
  ignored: string[]
  issues: BankIssue[]
  questions: { cell: string, kind: BankKind, text: string, step: 'created' | 'changed' }[]
  plan: string
  applied: boolean
  /** Cells that speak of a picture which the question will not have. */
  unpictured?: string[]
}
export interface BankQuery { unit?: string, q?: string, tag?: string, kind?: string, difficulty?: string, retired?: string }

export const BANK_KINDS: readonly BankKind[] = ['single', 'multiple', 'true_false', 'fill_in', 'ordering', 'opinion', 'word_cloud']
export const DIFFICULTIES: readonly Difficulty[] = ['easy', 'medium', 'hard']
/** How each kind may be marked, the usual way first. */
export const SCORINGS: Record<BankKind, readonly number[]> = { single: [1], multiple: [1, 2, 3], true_false: [1], fill_in: [4], ordering: [5, 6], opinion: [0], word_cloud: [0] }
export const hasOptions = (kind: BankKind): boolean => kind === 'single' || kind === 'multiple' || kind === 'ordering'
export const isChoice = (kind: BankKind): boolean => kind === 'single' || kind === 'multiple' || kind === 'true_false'

const ROOT = '/api/v1/bank'
/** Without what is empty. */
export const bankSearch = (query: Record<string, string | undefined>): string => new URLSearchParams(Object.entries(query).flatMap(([name, value]) => value ? [[name, value]] : [])).toString()
export const bankPaths = {
  template: '/api/v1/bank-template',
  export: (query: BankQuery) => `/api/v1/bank-export?${bankSearch({ ...query })}`,
  upload: (command: string, unit: string, name: string, plan?: string) => `/api/v1/bank-imports?${bankSearch({ command_id: command, unit_id: unit, name: name.slice(0, 120), plan })}`,
}

/** What a picture is going to belong to: a unit's bank, or a lesson. */
export type PicturePlace = { unit: string } | { lesson: string }
export const PICTURE_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/webp']
export const MOST_PICTURE_BYTES = 2 * 1024 * 1024
export const picturePath = (place: PicturePlace, command: string): string =>
  `/api/v1/question-pictures?${bankSearch({ command_id: command, ...'unit' in place ? { unit_id: place.unit } : { lesson_id: place.lesson } })}`
/** As a command names it. */
const named = ({ picture, ...content }: BankContent) => ({ ...content, picture: picture ? { sha256: picture.sha256, alt: picture.alt.trim() } : null })

export const bankCalls = (rest: Rest) => ({
  list: (query: BankQuery, cursor?: string, limit = 50) => rest.json<BankPage>('GET', `${ROOT}?${bankSearch({ ...query, cursor, limit: String(limit) })}`),
  versions: async (id: string) => (await rest.json<{ items: BankVersion[] }>('GET', `${ROOT}/${id}/versions`)).items,
  add: (unitId: string, content: BankContent) => rest.command<BankQuestion>(ROOT, { unit_id: unitId, ...named(content) }),
  edit: (one: BankQuestion, content: BankContent) => rest.json<BankQuestion>('PUT', `${ROOT}/${one.id}`, { body: { command_id: randomId(), ...named(content) }, etag: `"${one.version}"` }),
  retire: (id: string, retired: boolean) => rest.command<BankQuestion>(`${ROOT}/${id}/retired`, { retired }),
  /** `command`: the same for as long as the same ones are asked for, so that nothing is in the lesson twice. */
  take: async (lessonId: string, ids: readonly string[], command: string) => (await rest.command<{ items: Question[] }>(`/api/v1/lessons/${lessonId}/questions/from-bank`, { command_id: command, bank_ids: ids })).items,
})

// ---- a question in a form ----------------------------------------------------------------------------------

/** `blanks`: of each what is accepted, parted by bars. `tags`: parted by commas. */
export interface BankPlan extends Omit<BankContent, 'blanks' | 'tags' | 'picture'> { blanks: string[], tags: string, picture: Picture | null }
export type BankFault = 'needText' | 'needOptions' | 'sameOptions' | 'needCorrect' | 'needBlank' | 'gapBlank' | 'badBlank' | 'otherBlanks' | 'badSeconds' | 'badTags' | 'needAlt'

const MOST_TAGS = 10
const LONGEST_TAG = 20

export function emptyPlan(): BankPlan {
  return { kind: 'single', text: '', options: ['', '', '', ''], correct: [], blanks: [''], scoring: 1, explanation: '', source: '', tags: '', difficulty: 'medium', seconds: 60, picture: null }
}

export function planOf(one: BankContent): BankPlan {
  const { kind, text, options, correct, scoring, explanation, source, difficulty, seconds } = one
  const blanks = one.blanks.length ? one.blanks.map(accepted => accepted.join(' | ')) : ['']
  return { kind, text, options: options.length ? [...options] : ['', '', '', ''], correct: [...correct], blanks, scoring, explanation, source, tags: one.tags.join('、'), difficulty, seconds, picture: one.picture ?? null }
}

/** Another kind keeps what still fits, and is marked in its usual way. */
export function ofBankKind(plan: BankPlan, kind: BankKind): BankPlan {
  const correct = kind === 'multiple' ? plan.correct : plan.correct.slice(0, 1).filter(index => kind !== 'true_false' || index < 2)
  return { ...plan, kind, correct, scoring: SCORINGS[kind][0] ?? 0 }
}

/** Choosing an option as right: one replaces the other unless several may be right. */
export function markedRight(plan: BankPlan, index: number): number[] {
  if (plan.kind !== 'multiple') return [index]
  return plan.correct.includes(index) ? plan.correct.filter(one => one !== index) : [...plan.correct, index].sort((a, b) => a - b)
}

/** One place up or down; what has no place there stays. */
export function shifted<T>(list: readonly T[], index: number, by: -1 | 1): T[] {
  const to = index + by
  const next = [...list]
  if (index < 0 || index >= list.length || to < 0 || to >= list.length) return next
  next.splice(to, 0, ...next.splice(index, 1))
  return next
}

const parts = (text: string, marks: RegExp): string[] => [...new Set(text.split(marks).map(one => one.trim()).filter(Boolean))]

/** What the two options of a true-or-false question say: what they said before, so that an edit turns no answer around. */
export const trueFalseWords = (question: Pick<BankContent, 'kind' | 'options'> | null, usual: readonly [string, string]): readonly [string, string] => {
  const [first, second] = question?.kind === 'true_false' ? question.options : []
  return first && second ? [first, second] : usual
}

/** As it is sent: what was left empty does not count, and the right options keep pointing at what they pointed at. */
export function contentOf(plan: BankPlan, words: readonly [string, string]): BankContent {
  const kept = plan.options.map((text, index) => ({ text: text.trim(), index })).filter(one => one.text)
  const { kind, scoring, difficulty, seconds } = plan
  const options = kind === 'true_false' ? [...words] : hasOptions(kind) ? kept.map(one => one.text) : []
  const correct = kind === 'true_false' ? plan.correct : isChoice(kind) ? kept.flatMap((one, at) => plan.correct.includes(one.index) ? [at] : []) : []
  return {
    kind, text: plan.text.trim(), options, correct, scoring, difficulty, seconds,
    blanks: kind === 'fill_in' ? plan.blanks.map(text => parts(text, /[|｜]/)).filter(accepted => accepted.length) : [],
    explanation: plan.explanation.trim(), source: plan.source.trim(), tags: parts(plan.tags, /[,，、;；]/), picture: plan.picture,
  }
}

/** Blanks that the text shows (____); none: it asks in a sentence. */
export const gapsIn = (text: string): number => (text.match(/[_＿]{2,}/g) ?? []).length

/** None may be empty before one with an answer: answers belong to blanks by their order. */
function faultOfBlanks(text: string, written: readonly string[], kept: readonly string[][]): BankFault | null {
  const gaps = gapsIn(text)
  if (!kept.length) return 'needBlank'
  if (written.slice(kept.length).some(one => parts(one, /[|｜]/).length)) return 'gapBlank'
  if (kept.flat().some(one => /[;；]/.test(one))) return 'badBlank'
  return gaps && gaps !== kept.length ? 'otherBlanks' : null
}

export type PlanField = 'text' | 'options' | 'blanks' | 'seconds' | 'tags' | 'picture'

const faultOfPicture = (picture: Picture | null): Partial<Record<PlanField, BankFault>> => picture && !picture.alt.trim() ? { picture: 'needAlt' } : {}

export function faultsOfPlan(plan: BankPlan): Partial<Record<PlanField, BankFault>> {
  const faults = faultOfPicture(plan.picture)
  const content = contentOf(plan, ['1', '2'])
  if (!content.text) faults.text = 'needText'
  if (hasOptions(plan.kind) && content.options.length < 2) faults.options = 'needOptions'
  else if (new Set(content.options).size < content.options.length) faults.options = 'sameOptions'
  else if (isChoice(plan.kind) && !content.correct.length) faults.options = 'needCorrect'
  const blanks = plan.kind === 'fill_in' ? faultOfBlanks(content.text, plan.blanks, content.blanks) : null
  if (blanks) faults.blanks = blanks
  if (!Number.isInteger(plan.seconds) || plan.seconds < 5 || plan.seconds > 3600) faults.seconds = 'badSeconds'
  if (content.tags.length > MOST_TAGS || content.tags.some(tag => tag.length > LONGEST_TAG)) faults.tags = 'badTags'
  return faults
}
