/** The board as a face shows it: pushed while the socket is up, fetched while it is not, and honest about its age. */

import { computed, onScopeDispose, watch } from 'vue'
import { isStale } from '@/protocol/figures'
import { useAttendance } from './attendance'
import { useLesson } from './lesson'
import { useWall } from './tick'

const WITHOUT_SOCKET_MS = 3_000
/** A push that got lost is made good by then. */
const WITH_SOCKET_MS = 15_000

export function useBoardWatch(lessonId: () => string) {
  const store = useLesson()
  const attendance = useAttendance()
  const wall = useWall(1_000)
  const up = computed(() => store.link.name === 'up')
  const wanted = computed(() => store.lesson?.id === lessonId() && store.may('board') ? lessonId() : null)
  const board = computed(() => wanted.value === attendance.board?.lesson_id ? attendance.board : null)
  const stale = computed(() => isStale(up.value, board.value?.at ?? null, wall.value + store.clockOffsetMs))
  let asked = wall.value

  watch(wanted, (id) => {
    if (id === null) attendance.close()
    else void attendance.open(id, 'board')
  }, { immediate: true })
  watch(wall, (now) => {
    if (wanted.value === null || now - asked < (up.value ? WITH_SOCKET_MS : WITHOUT_SOCKET_MS)) return
    asked = now
    void attendance.refreshBoard()
  })
  // Freezing, opening and settling change what is counted.
  watch(() => store.state, () => { if (wanted.value !== null) void attendance.refreshBoard() })
  onScopeDispose(() => { attendance.close() })
  return { board, stale }
}
