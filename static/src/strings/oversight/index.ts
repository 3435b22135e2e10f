import { i18n, type Language } from '../i18n'

/** The words of overseen items come with those pages. Idempotent. */
export async function speakOversight(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.mergeLocaleMessage(language, messages)
}
