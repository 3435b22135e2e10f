import { i18n, type Language } from '../i18n'

/** The words of keeping recordings come with its cards. Idempotent. */
export async function speakKeeping(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
