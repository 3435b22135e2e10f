/** Accounts and first logins (docs/protocol.md, section 2). */

import type { Me, Named, Role } from './model'
import type { Rest } from './rest'

export type CodeKind = 'activation' | 'door'

export interface Account {
  account_id: string
  number: string
  name: string
  kind: 'person' | 'device'
  member_id: string | null
  unit: Named | null
  roles: { role: Role, unit_id: string }[]
  disabled: boolean
  password_set: boolean
  second_factor: boolean
  code_until: string | null
  used_at: string | null
}

export interface AccessCode {
  account_id: string
  name: string
  number: string
  unit: Named | null
  kind: CodeKind
  expires_at: string
  code: string
}

export interface Session { id: string, device: string, address: string, created_at: string, used_at: string, expires_at: string, current: boolean }
export interface Factor { enabled: boolean, required: boolean, recovery_left: number }
export interface Enrolment { secret: string, uri: string, qr: string }
export type RoleHeld = Account['roles'][number]

export interface AccountsWanted { unit_id?: string, words?: string, waiting?: boolean, cursor?: string, limit?: number }
export interface Whom { account_ids?: string[], member_ids?: string[] }

export const accountCalls = (rest: Rest) => ({
  /** The same `commandId` again after a lost answer: a code serves once, but its command as often as needed. */
  enterByCode: (commandId: string, number: string, code: string, password: string | null, second: string | null) =>
    rest.json<Me>('POST', '/api/v1/session/code', { body: { command_id: commandId, number, code, password, second } }),
  /** As whom the identity provider named to this browser. */
  enterNamed: (second: string | null) => rest.json<Me>('POST', '/api/v1/session/provider', { body: { second } }),
  list: (wanted: AccountsWanted) =>
    rest.json<{ items: Account[], next_cursor: string | null }>('GET', `/api/v1/accounts?${new URLSearchParams(Object.entries(wanted).map(([key, value]) => [key, String(value)])).toString()}`),
  issue: async (kind: CodeKind, whom: Whom) =>
    (await rest.command<{ items: AccessCode[] }>('/api/v1/access-codes', { kind, ...whom })).items,
  idle: async () => (await rest.json<{ left_s: number | null }>('GET', '/api/v1/session/idle')).left_s,
  setPassword: (old: string | null, fresh: string) => rest.json<undefined>('POST', '/api/v1/session/password', { body: { old, new: fresh } }),
  sessions: async () => (await rest.json<{ items: Session[] }>('GET', '/api/v1/sessions')).items,
  endSession: (id: string) => rest.json<undefined>('DELETE', `/api/v1/sessions/${id}`),
  endSessionsOf: (accountId: string) => rest.json<undefined>('DELETE', `/api/v1/accounts/${accountId}/sessions`),
  factor: () => rest.json<Factor>('GET', '/api/v1/session/second-factor'),
  enrol: () => rest.json<Enrolment>('POST', '/api/v1/session/second-factor'),
  confirmFactor: async (code: string) => (await rest.json<{ recovery: string[] }>('POST', '/api/v1/session/second-factor/confirm', { body: { code } })).recovery,
  removeFactor: (code: string) => rest.json<undefined>('POST', '/api/v1/session/second-factor/remove', { body: { code } }),
  liftFactor: (accountId: string) => rest.json<undefined>('DELETE', `/api/v1/accounts/${accountId}/second-factor`),
  grant: (accountId: string, held: RoleHeld) => rest.command<{ roles: RoleHeld[] }>(`/api/v1/accounts/${accountId}/roles`, { ...held }),
  revoke: (accountId: string, held: RoleHeld) => rest.command<{ roles: RoleHeld[] }>(`/api/v1/accounts/${accountId}/roles/revoke`, { ...held }),
  disable: (accountId: string, disabled: boolean) => rest.command<undefined>(`/api/v1/accounts/${accountId}/disabled`, { disabled }),
})

/** As it is read out and typed: in groups. */
export function grouped(code: string): string {
  const size = code.length > 6 ? 4 : 3
  return code.match(new RegExp(`.{1,${size}}`, 'g'))?.join(' ') ?? code
}

/** The digits of what was typed, however they were set apart; full-width ones, too. */
export function digitsOf(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '').slice(0, 12)
}

export const lengthOf = (kind: CodeKind): number => kind === 'door' ? 6 : 12
