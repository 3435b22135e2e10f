/** The installation and how this person likes to read it. */

import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import type { Face, Info } from '@/protocol/model'
import { languageOf, speak } from '@/strings'
import { rest } from './api'
import { kept } from './kept'

export type Theme = 'auto' | 'light' | 'dark'
export type FaceName = Face | 'portal' | 'manage' | 'login'

/** The console is a broadcast desk: always dark. The venue's screen, too, so that nothing glares beside the picture. */
const ALWAYS_DARK: readonly FaceName[] = ['console', 'venue']

export const useSite = defineStore('site', () => {
  const info = ref<Info | null>(null)
  const theme = kept<Theme>('theme', 'auto')
  const largeType = kept('large-type', false)
  const face = ref<FaceName>('portal')
  const systemDark = ref(matchMedia('(prefers-color-scheme: dark)').matches)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => { systemDark.value = event.matches })

  const language = computed(() => languageOf(info.value?.language ?? 'zh'))
  const organisation = computed(() => info.value?.organisation ?? '')
  const notice = computed(() => {
    const text = language.value === 'en' ? info.value?.notice_en : info.value?.notice
    return text ?? ''
  })
  const dark = computed(() =>
    ALWAYS_DARK.includes(face.value) || theme.value === 'dark' || (theme.value === 'auto' && systemDark.value))

  watchEffect(() => {
    const root = document.documentElement
    root.dataset.theme = dark.value ? 'dark' : 'light'
    root.dataset.face = face.value
    root.dataset.type = largeType.value && face.value !== 'console' ? 'large' : 'normal'
    root.classList.toggle('dark', dark.value) // Element Plus and Vant look for this
  })

  /** Never throws: without an answer the page speaks Chinese and says later that the server is away. */
  async function load(): Promise<void> {
    info.value = await rest.info().catch(() => null)
    await speak(language.value)
  }

  return { info, theme, largeType, face, dark, language, organisation, notice, load }
})
