import { i18n, type Language } from '../i18n'

/** The words of a paper come with the sheet that it is answered in. Idempotent. */
export async function speakPaper(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
