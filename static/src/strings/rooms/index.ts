import { i18n, type Language } from '../i18n'

/** The words of 我的会场 come with its parts. Idempotent. */
export async function speakRooms(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
