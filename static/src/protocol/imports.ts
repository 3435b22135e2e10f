/** 导入名单 (docs/protocol.md, section 3). */

import type { Named, Page } from './model'
import { randomId, type Rest } from './rest'

export type ImportState = 'checked' | 'applying' | 'done' | 'failed' | 'cancelled'
export type ImportStep = 'created' | 'moved' | 'left' | 'kind' | 'name' | 'group' | 'phone'
export interface Issue { sheet: string, cell: string, value: string, fault: string, text: string, text_en: string }
export interface ImportedPerson { cell: string, number: string, name: string, unit: string, steps: ImportStep[] }
/** Whose roles, and with `login` whose account, end with it. */
export interface Ending { number: string, name: string, since: string, roles: { role: string, unit: Named }[], login: boolean }
export interface RosterImport {
  id: string
  file: string
  since: string
  created_at: string
  created_by: string
  state: ImportState
  progress: number
  rows: number
  created: number
  moved: number
  left: number
  changed: number
  unchanged: number
  errors: number
  ending_count: number
  absent_count: number
  ignored: string[]
  issues: Issue[]
  people: ImportedPerson[]
  ending: Ending[]
  /** The refusal that all of it would meet. */
  stop: { code: string, text: string, text_en: string } | null
  absent: Named[]
  code: string | null
  text: string | null
  text_en: string | null
  ended_at: string | null
}

/** Counts of people that an import changes, in the order in which they are told. */
export const CHANGES = ['created', 'moved', 'left', 'changed'] as const
export const changing = (one: RosterImport): number => CHANGES.reduce((sum, name) => sum + one[name], 0)

export const TABLE_ACCEPT = '.xlsx,.xls,.ods,.csv'
export const MOST_TABLE_BYTES = 16 * 1024 * 1024

/** Why a file is not worth sending; null: it is. The server looks into it itself. */
export function unfitTable(file: { name: string, size: number }): 'type' | 'size' | 'empty' | null {
  if (!TABLE_ACCEPT.split(',').some(ending => file.name.toLowerCase().endsWith(ending))) return 'type'
  if (file.size === 0) return 'empty'
  return file.size > MOST_TABLE_BYTES ? 'size' : null
}

const ROOT = '/api/v1/roster-imports'
const AT_ONCE = 1000
export const importPaths = {
  template: `${ROOT}/template`,
  errors: (id: string) => `${ROOT}/${id}/errors`,
  upload: (command: string, name: string, since: string) => `${ROOT}?${new URLSearchParams({ command_id: command, name: name.slice(0, 120), ...(since ? { since } : {}) }).toString()}`,
}

export const importCalls = (rest: Rest) => ({
  list: async () => (await rest.json<{ items: RosterImport[] }>('GET', ROOT)).items,
  one: (id: string) => rest.json<RosterImport>('GET', `${ROOT}/${id}`),
  /** All of them: a list that scrolls as one. */
  issues: async (id: string): Promise<Issue[]> => {
    const found: Issue[] = []
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page: Page<Issue> = await rest.json<Page<Issue>>('GET', `${ROOT}/${id}/issues?limit=${AT_ONCE}&cursor=${cursor}`)
      found.push(...page.items)
      cursor = page.next_cursor ?? null
    }
    return found
  },
  apply: (id: string) => rest.json<RosterImport>('POST', `${ROOT}/${id}/apply`, { body: { command_id: randomId() } }),
  cancel: (id: string) => rest.json<RosterImport>('POST', `${ROOT}/${id}/cancel`),
})
