/** 校外学时 (docs/protocol.md, section 4): its shapes and calls. */

import type { Issue } from './imports'
import type { Named, Page } from './model'
import { randomId, type Rest } from './rest'

export type OutsideState = 'asked' | 'confirmed' | 'refused' | 'withdrawn' | 'revoked'
export type OutsideStep = 'prove' | 'withdraw' | 'decide' | 'correct'
export interface Proof { id: string, name: string, kind: 'pdf' | 'jpeg' | 'png', bytes: number, sha256: string, shared: boolean }
interface Person { account_id: string, name: string }
export interface OutsideEntry { id: string, position: number, hundredths: number, reason: string, by: Person, at: string, hash: string }
export interface Outside {
  id: string
  member: Named
  unit: Named
  title: string
  organiser: string
  held_on: string
  hundredths: number
  state: OutsideState
  own: boolean
  entered_by: Person
  entered_at: string
  decided_by: Person | null
  decided_at: string | null
  answer: string
  /** null: none, or not for whom it is shown. */
  proof: Proof | null
  proof_sha256: string | null
  entries: OutsideEntry[]
  may: OutsideStep[]
}
export interface OutsideDraft { title: string, organiser: string, held_on: string, hundredths: number, proof_id: string | null, member_id?: string }
export interface OutsideRow { row: number, member: Named, unit: Named, title: string, organiser: string, held_on: string, hundredths: number, there: boolean, stands?: number | null }
/** What a table enters, or has entered when `applied`. */
export interface OutsideImport {
  file: string
  rows: number
  created: number
  unchanged: number
  errors: number
  hundredths: number
  ignored: string[]
  issues: Issue[]
  items: OutsideRow[]
  plan: string
  applied: boolean
  /** Of the unchanged, those that stand with other hundredths than the table says. */
  differing?: number
}

export const PROOF_ACCEPT = '.pdf,.jpg,.jpeg,.png'
export const MOST_PROOF_BYTES = 10 * 1024 * 1024

/** Why a proof is not worth sending; null: it is. The server looks at its bytes itself. */
export function unfitProof(file: { name: string, size: number }): 'type' | 'size' | 'empty' | null {
  if (!PROOF_ACCEPT.split(',').some(ending => file.name.toLowerCase().endsWith(ending))) return 'type'
  if (file.size === 0) return 'empty'
  return file.size > MOST_PROOF_BYTES ? 'size' : null
}

/** The first day that may be entered: that of last year. */
export const firstDay = (today: string): string => `${Number(today.slice(0, 4)) - 1}-01-01`

/** The same draft again, as after a line that broke, is the same command: it is there once. Another one is another. */
export function commandFor(newId: () => string = randomId): (draft: object) => string {
  let [sent, command] = ['', '']
  return (draft) => {
    const whole = JSON.stringify(draft)
    if (whole !== sent) [sent, command] = [whole, newId()]
    return command
  }
}

const ROOT = '/api/v1/outside-credits'
const search = (query: Record<string, string | undefined>): string => {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
  return new URLSearchParams(given).toString()
}

export const outsidePaths = {
  template: '/api/v1/outside-template',
  file: (proof: string) => `/api/v1/outside-proofs/${proof}/file`,
  proof: (command: string, name: string) => `/api/v1/outside-proofs?${search({ command_id: command, name: name.replaceAll(/[/\\]/g, '_').slice(-120) })}`,
  import: (command: string, unit: string, name: string, plan?: string, proof?: string) =>
    `/api/v1/outside-imports?${search({ command_id: command, unit_id: unit, name: name.slice(-120), plan, proof_id: proof })}`,
}

export interface OutsideQuery { unit?: string, state?: string, year?: string }

export const outsideCalls = (rest: Rest) => ({
  mine: async (year?: number) => (await rest.json<{ items: Outside[] }>('GET', `${ROOT}/mine?${search({ year: year?.toString() })}`)).items,
  list: (query: OutsideQuery, cursor?: string) => rest.json<Page<Outside>>('GET', `${ROOT}?${search({ ...query, cursor, limit: '50' })}`),
  enter: (draft: OutsideDraft, command: string) => rest.json<Outside>('POST', ROOT, { body: { command_id: command, ...draft } }),
  prove: (id: string, proof: string) => rest.command<Outside>(`${ROOT}/${id}/proof`, { proof_id: proof }),
  withdraw: (id: string) => rest.command<Outside>(`${ROOT}/${id}/withdraw`, {}),
  /** Confirmed with the proofs that were shown: another one that came meanwhile is not confirmed unseen. */
  decide: async (some: readonly Outside[], confirm: boolean, answer: string) =>
    (await rest.command<{ items: Outside[] }>(`${ROOT}/decisions`, { outside_ids: some.map(one => one.id), confirm, answer, seen: confirm ? Object.fromEntries(some.flatMap(one => one.proof_sha256 ? [[one.id, one.proof_sha256]] : [])) : {} })).items,
  correct: (id: string, hundredths: number, reason: string) => rest.command<Outside>(`${ROOT}/${id}/correction`, { hundredths, reason }),
})
