/** Who is here: the own sign-in on a phone, the numbers on a console, board or venue screen. */

import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Attendance, Board, LessonLogEvent, SignIn, SignInWish } from '@/protocol/model'
import { concerns } from './action'
import { rest } from './api'
import { useLesson } from './lesson'

export const useAttendance = defineStore('attendance', () => {
  const lessonStore = useLesson()
  /** The own one; null while unknown, and for who is no member. */
  const own = shallowRef<Attendance | null>(null)
  const readBoard = shallowRef<Board | null>(null)
  /** The newest of what was read and what was pushed. */
  const board = computed(() => {
    const [read, pushed] = [readBoard.value, lessonStore.board]
    if (!read || !pushed) return pushed ?? read
    return pushed.at >= read.at ? pushed : read
  })
  let lessonId: string | null = null
  let generation = 0
  let unfollow: (() => void) | null = null
  let unread: (() => void) | null = null

  /** Call after the lesson was entered. Never throws: without an answer nothing is claimed. */
  async function open(id: string, want: 'own' | 'board'): Promise<void> {
    close()
    generation += 1
    lessonId = id
    if (want === 'board') { await refreshBoard(); return }
    unfollow = lessonStore.follow(heard)
    unread = lessonStore.rereads(refresh)
    globalThis.document?.addEventListener('visibilitychange', whenSeen)
    await refresh()
  }

  /** Idempotent. */
  function close(): void {
    generation += 1
    unfollow?.()
    unread?.()
    unfollow = unread = null
    globalThis.document?.removeEventListener('visibilitychange', whenSeen)
    lessonId = null
    own.value = null
    readBoard.value = null
  }

  async function refresh(): Promise<void> {
    const [id, mine] = [lessonId, generation]
    if (id === null) return
    const read = await rest.attendance(id).catch(() => null)
    if (read && mine === generation) own.value = read
  }

  async function refreshBoard(): Promise<void> {
    const [id, mine] = [lessonId, generation]
    if (id === null) return
    const read = await rest.board(id).catch(() => null)
    if (read && mine === generation) readBoard.value = read
  }

  /** Signing in opens and closes with the lesson; a room that broke down has sent its people elsewhere. */
  function heard(event: LessonLogEvent): void {
    if (concerns(event, own.value)) void refresh()
  }

  /** The member may have signed in by the camera's own link, or been signed in by the operator. */
  function whenSeen(): void {
    if (!document.hidden && own.value?.sign_in === null) void refresh()
  }

  /** Throws the refusal. A scan that was told `another_venue` is kept by the server: the question may take its time. A first sign-in stays the one that counts, however often this is called. */
  async function signIn(wish: SignInWish): Promise<SignIn> {
    if (lessonId === null) throw new Error('no lesson')
    const done = await rest.signIn(lessonId, wish)
    if (own.value) own.value = { ...own.value, sign_in: done }
    else await refresh()
    return done
  }

  return { own, board, open, close, refresh, refreshBoard, signIn }
})
