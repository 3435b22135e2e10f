/** Calls to the director and his notices, as this face may see them: read at the start, after each event, after each return. */

import { onScopeDispose, shallowRef, watch } from 'vue'
import type { DirectorNotice, Help, Urgency } from '@/protocol/model'
import { directing } from './directing'
import { useLesson } from './lesson'

const KINDS = /^(help|notice)\./
/** Several events of one moment are one reading. */
const PAUSE_MS = 150

/** Call in setup. `wanted`: the lesson whose lists this face may read, null while there is none. */
export function useHelps(wanted: () => string | null) {
  const store = useLesson()
  const helps = shallowRef<readonly Help[]>([])
  const notices = shallowRef<readonly DirectorNotice[]>([])
  let timer: ReturnType<typeof setTimeout> | null = null

  async function read(): Promise<void> {
    const id = wanted()
    if (id === null) { helps.value = []; notices.value = []; return }
    const [calls, told] = await Promise.all([directing.helps(id).catch(() => null), directing.notices(id).catch(() => null)])
    if (id !== wanted()) return
    if (calls) helps.value = calls
    if (told) notices.value = told
  }

  function soon(): void {
    timer ??= setTimeout(() => { timer = null; void read() }, PAUSE_MS)
  }

  const quiet = store.follow((event) => { if (KINDS.test(event.kind)) soon() })
  const still = store.rereads(read)
  watch([wanted, () => store.returns], () => { void read() }, { immediate: true })
  onScopeDispose(() => {
    quiet()
    still()
    if (timer !== null) clearTimeout(timer)
  })

  const mine = async (act: (id: string) => Promise<unknown>) => {
    const id = wanted()
    if (id === null) return
    await act(id)
    await read()
  }
  return {
    helps,
    notices,
    ask: (urgency: Urgency, text: string) => mine(id => directing.askHelp(id, urgency, text)),
    answer: (helpId: string, text: string) => mine(id => directing.answerHelp(id, helpId, text)),
    close: (helpId: string) => mine(id => directing.closeHelp(id, helpId)),
    send: (text: string) => mine(id => directing.sendNotice(id, text)),
    seen: (noticeId: string) => mine(id => directing.readNotice(id, noticeId)),
  }
}

export type Helps = ReturnType<typeof useHelps>
export const waitingOf = (helps: readonly Help[]) => helps.filter(one => one.state === 'waiting')
/** The call that is not closed, of a face that sees its own only. */
export const openOf = (helps: readonly Help[]) => helps.find(one => one.state !== 'closed') ?? null
