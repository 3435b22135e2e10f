import { i18n, type Language } from '../i18n'

/** These words come with the part that shows them. Idempotent. */
export async function speakYears(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
