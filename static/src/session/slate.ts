/** What stands over the programme while its curtain is down, in words. */

import { computed, type ComputedRef, type Ref } from 'vue'
import { i18n } from '@/strings'
import { useLesson } from './lesson'
import { useSite } from './site'
import { clock, length } from './when'

export interface SlateWords {
  kind: 'cut' | 'standby'
  lead: string
  title: string
  /** Tabular; empty: nothing is counted. */
  count: string
  detail: string
}

/** `serverNow`: milliseconds since 1970 by the server's clock. */
export function useSlate(serverNow: Ref<number>): ComputedRef<SlateWords | null> {
  const store = useLesson()
  const site = useSite()
  const { t } = i18n.global
  return computed(() => {
    const { cut = null, standby = null } = store.stage ?? {}
    if (cut) return { kind: 'cut', lead: '', title: t('slate.cut'), count: '', detail: t('slate.cutDetail') }
    if (!standby) return null
    const before = store.state === 'open'
    const until = standby.until ?? (before ? store.lesson?.starts_at ?? null : null)
    const leftMs = until === null ? 0 : Math.ceil((Date.parse(until) - serverNow.value) / 1000) * 1000
    return {
      kind: 'standby',
      lead: before ? site.organisation : store.lesson?.title ?? '',
      title: standby.note || (before ? store.lesson?.title ?? '' : t('slate.pause')),
      count: leftMs > 0 ? length(leftMs) : '',
      detail: until !== null && leftMs > 0 ? t(before ? 'slate.begins' : 'slate.goesOnAt', { t: clock(until) }) : t(before ? 'slate.soon' : 'slate.goesOn'),
    }
  })
}
