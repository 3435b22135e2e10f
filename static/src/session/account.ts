import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Me, Role } from '@/protocol/model'
import { Refusal } from '@/protocol/problem'
import { rest } from './api'

/** Roles whose work is in the management pages. */
const MANAGING: readonly Role[] = ['school_admin', 'director', 'secretary']

/** Roles that let others in. */
const ADMITTING: readonly Role[] = ['secretary', 'school_admin', 'security_admin']

export const useAccount = defineStore('account', () => {
  const me = ref<Me | null>(null)
  /** The server has said who we are, or that we are nobody. */
  const known = ref(false)

  const manages = computed(() => me.value?.roles.some(({ role }) => MANAGING.includes(role)) ?? false)

  const plans = computed(() => me.value?.roles.some(({ role }) => role === 'school_admin') ?? false)
  /** Keeps a question bank, of some unit. */
  const asks = computed(() => me.value?.roles.some(({ role }) => ['school_admin', 'director', 'lecturer', 'secretary'].includes(role)) ?? false)
  /** Or only the own branch's meetings, on the spot. */
  const convenes = computed(() => plans.value || (me.value?.roles.some(({ role }) => role === 'secretary') ?? false))

  /** Logged out after a while without use: the page says so in time, and keeps what was begun. */
  const guarded = computed(() => me.value?.kind === 'person' && me.value.roles.some(({ role }) => role !== 'member' && role !== 'venue_operator'))
  /** It was: the page waits, covered, for the password. */
  const ended = ref(false)

  const secures = computed(() => me.value?.roles.some(({ role }) => role === 'security_admin') ?? false)

  /** Issues codes for a first login. */
  const admits = computed(() => me.value?.roles.some(({ role }) => ADMITTING.includes(role)) ?? false)

  /** Throws only when there is no answer at all; "not logged in" is an answer. */
  async function find(): Promise<Me | null> {
    if (known.value) return me.value
    try {
      me.value = await rest.me()
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error
      me.value = null
    }
    known.value = true
    return me.value
  }

  async function login(number: string, password: string, second?: string): Promise<Me> {
    return enter(await rest.login(number, password, second))
  }

  /** Logged in, whichever way. */
  function enter(entered: Me): Me {
    me.value = entered
    ended.value = false
    known.value = true
    return entered
  }

  async function logout(): Promise<void> {
    await rest.logout().catch(() => undefined)
    forget()
  }

  function forget(): void {
    ended.value = false
    me.value = null
    known.value = true
  }

  return { me, known, manages, plans, asks, convenes, admits, secures, guarded, ended, find, login, enter, logout, forget }
})
