import { i18n, type Language } from '../i18n'

/** The words of calendars, courses, kinds of lessons and lessons on the spot come with what shows them. Idempotent. */
export async function speakCalendar(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
