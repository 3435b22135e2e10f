/** A publication's state as a tone and a sentence. */

import { computed, type Ref } from 'vue'
import type { Publication } from '@/media/publication'
import { i18n } from '@/strings'
import { secondsLeft } from './linkwords'
import { say } from './say'

export function usePublishingWords(publication: Ref<Publication | null>, nowMs: Ref<number>) {
  const { t } = i18n.global
  const link = computed(() => publication.value?.link.value ?? { name: 'idle' as const })
  const words = computed(() => t(`publish.${link.value.name}`, { s: secondsLeft(link.value, nowMs.value) }))
  const tone = computed(() => {
    if (link.value.name === 'up') return 'good' as const
    return link.value.name === 'idle' || link.value.name === 'closed' ? 'off' as const : 'alarm' as const
  })
  const refusal = computed(() => {
    const why = publication.value?.refusal.value
    return link.value.name === 'refused' && why ? say(why) : null
  })
  return { link, words, tone, refusal }
}
