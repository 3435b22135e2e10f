import { i18n, type Language } from '../i18n'

/** The words of 微视频 come with its pages. Idempotent. */
export async function speakMicro(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
