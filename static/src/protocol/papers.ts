/** 试卷 (docs/protocol.md): its calls, and a paper as it is put together in a form. No I/O beside `Rest`. */

import { bankSearch, type BankKind, type Difficulty } from './bank'
import type { Named, Question } from './model'
import { randomId, type Rest } from './rest'

export interface PaperQuestion { version_id: string, bank_id: string, number: number, kind: BankKind, text: string, outdated: boolean }
export interface PaperDraw { count: number, tag: string, kind: BankKind | null, difficulty: Difficulty | null }
export interface Paper {
  id: string
  unit: Named
  name: string
  fixed: PaperQuestion[]
  draws: (PaperDraw & { available: number })[]
  mixed: boolean
  questions: number
  changed_at: string
  retired_at: string | null
  version: number
}
export interface PaperBody { name: string, version_ids: string[], draws: PaperDraw[], mixed: boolean }
export const MOST_IN_PAPER = 50
export const MOST_DRAWS = 10

const ROOT = '/api/v1/papers'
export const paperCalls = (rest: Rest) => ({
  list: async (query: { unit?: string, retired?: string }) => (await rest.json<{ items: Paper[] }>('GET', `${ROOT}?${bankSearch({ ...query })}`)).items,
  add: (unitId: string, body: PaperBody) => rest.command<Paper>(ROOT, { unit_id: unitId, ...body }),
  edit: (one: Paper, body: PaperBody) => rest.json<Paper>('PUT', `${ROOT}/${one.id}`, { body: { command_id: randomId(), ...body }, etag: `"${one.version}"` }),
  retire: (id: string, retired: boolean) => rest.command<Paper>(`${ROOT}/${id}/retired`, { retired }),
  /** `command`: the same for as long as the same one is asked for, so that nothing is in the lesson twice. */
  take: (lessonId: string, paperId: string, command: string) => rest.command<{ drawn_id: string, seed: string, items: Question[] }>(`/api/v1/lessons/${lessonId}/questions/from-paper`, { command_id: command, paper_id: paperId }),
})

/** How many questions it comes to. */
export const paperSize = (fixed: readonly unknown[], draws: readonly PaperDraw[]): number => fixed.length + draws.reduce((sum, draw) => sum + (Number.isInteger(draw.count) ? draw.count : 0), 0)

export type PaperFault = 'needName' | 'needQuestions' | 'manyQuestions' | 'badCount'
export function faultOfPaper(name: string, fixed: readonly unknown[], draws: readonly PaperDraw[]): PaperFault | null {
  if (!name.trim()) return 'needName'
  if (draws.some(draw => !Number.isInteger(draw.count) || draw.count < 1)) return 'badCount'
  const size = paperSize(fixed, draws)
  if (!size) return 'needQuestions'
  return size > MOST_IN_PAPER ? 'manyQuestions' : null
}
