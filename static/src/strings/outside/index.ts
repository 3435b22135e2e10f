import { i18n, type Language } from '../i18n'

/** The words of 校外学时 come with its parts. Idempotent. */
export async function speakOutside(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
