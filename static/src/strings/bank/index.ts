import { i18n, type Language } from '../i18n'

/** The words of the question bank come with the pages that show it. Idempotent. */
export async function speakBank(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
