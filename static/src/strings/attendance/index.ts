import { i18n, type Language } from '../i18n'
import { speakCalendar } from '../calendar'
import { speakVouch } from '../vouch'

/** The words of attendance over many lessons come with its page. Idempotent. */
export async function speakAttendance(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const [{ default: messages }] = await Promise.all([language === 'en' ? import('./en') : import('./zh'), speakCalendar(), speakVouch()])
  i18n.global.mergeLocaleMessage(language, messages)
}
