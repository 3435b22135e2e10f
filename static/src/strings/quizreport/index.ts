import { i18n, type Language } from '../i18n'
import { speakBank } from '../bank'

/** The words of reports on quizzes come with the pages that show them. Idempotent. */
export async function speakQuizReport(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const [{ default: messages }] = await Promise.all([language === 'en' ? import('./en') : import('./zh'), speakBank()])
  i18n.global.mergeLocaleMessage(language, messages)
}
