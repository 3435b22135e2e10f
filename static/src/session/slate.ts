/** What stands over the programme while its curtain is down, in words. */

import { computed, type ComputedRef, type Ref } from 'vue'
import type { Standby } from '@/protocol/model'
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

interface Occasion { title: string, startsAt: string, organisation: string, before: boolean }

/** Before the lesson its planned start counts as long as nobody has said another time. Milliseconds since 1970, whole seconds; null: nothing counts. */
export function leftOf(standby: Standby, { before, startsAt }: Pick<Occasion, 'before' | 'startsAt'>, serverNow: number): number | null {
  const until = standby.until ?? (before ? startsAt : null)
  return until === null ? null : Math.ceil((Date.parse(until) - serverNow) / 1000) * 1000
}

function waiting(standby: Standby, occasion: Occasion, serverNow: number): SlateWords {
  const { t } = i18n.global
  const { before, title, organisation, startsAt } = occasion
  const leftMs = leftOf(standby, occasion, serverNow) ?? 0
  const at = { t: clock(standby.until ?? startsAt) }
  const words = before
    ? { lead: organisation, title: standby.note || title, at: t('slate.begins', at), late: t('slate.soon') }
    : { lead: title, title: standby.note || t('slate.pause'), at: t('slate.goesOnAt', at), late: t('slate.goesOn') }
  return { kind: 'standby', lead: words.lead, title: words.title, count: leftMs > 0 ? length(leftMs) : '', detail: leftMs > 0 ? words.at : words.late }
}

/** `serverNow`: milliseconds since 1970 by the server's clock. */
export function useSlate(serverNow: Ref<number>): ComputedRef<SlateWords | null> {
  const store = useLesson()
  const site = useSite()
  return computed(() => {
    const { cut, standby } = store.stage ?? {}
    if (cut) return { kind: 'cut', lead: '', title: i18n.global.t('slate.cut'), count: '', detail: i18n.global.t('slate.cutDetail') }
    const { lesson } = store
    if (!standby || !lesson) return null
    return waiting(standby, { title: lesson.title, startsAt: lesson.starts_at, organisation: site.organisation, before: store.state === 'open' }, serverNow.value)
  })
}
