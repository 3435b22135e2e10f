/** The room's hand at its screen: up with a topic or without one, down, or the end of its turn. */

import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useAct } from './acting'
import { useHands } from './hands'

export function useRoomHand() {
  const { t } = useI18n()
  const hands = useHands()
  const { busy, failed, act } = useAct()
  /** The dialog that asks what about. */
  const asking = ref(false)
  const words = computed(() => {
    const hand = hands.own
    if (!hand) return t('hands.raise')
    return hand.state === 'waiting' ? t('app.pair', { a: hand.position ? t('hands.place', { n: hand.position }) : t('hands.up'), b: t('hands.withdraw') }) : t('hands.finish')
  })

  /** A hand that is up goes down at once; one that goes up is asked first what about. */
  function turn(): void {
    const { own } = hands
    failed.value = ''
    if (own) void act(() => hands.step(own, 'withdraw'))
    else asking.value = true
  }

  async function raise(topic: string): Promise<void> {
    if (await act(() => hands.raise(topic))) asking.value = false
  }

  return { asking, busy, failed, words, turn, raise }
}
