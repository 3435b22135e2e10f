/** The words of each part come when it is loaded. */

import { i18n, type Catalogue, type Language } from './i18n'

export { i18n, languageOf, type Catalogue, type Language } from './i18n'

/** The words of the faces for staff and halls come with those faces: a phone does without them. */
export async function speakStaff(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const [{ default: messages }] = await Promise.all([language === 'en' ? import('./staff/en') : import('./staff/zh'), speakTalk(), speakTurn(), import('./papers').then(words => words.speakPapers()), import('./player').then(words => words.speakPlayer()), import('./vouch').then(words => words.speakVouch()), import('./calendar').then(words => words.speakCalendar())])
  i18n.global.mergeLocaleMessage(language, messages)
}

/** The words of what people say in a lesson: before the first part that shows them. Idempotent. */
export async function speakTalk(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./talk/en') : await import('./talk/zh')
  i18n.global.mergeLocaleMessage(language, messages)
}

/** Those of one's own turn and of cameras come with its sheet, and with the scanner. */
export async function speakTurn(): Promise<void> {
  const language = i18n.global.locale.value as Language
  const { default: messages } = language === 'en' ? await import('./turn/en') : await import('./turn/zh')
  i18n.global.mergeLocaleMessage(language, messages)
}

export async function speak(language: Language): Promise<void> {
  const { default: messages } = language === 'en' ? await import('./en') : await import('./zh')
  i18n.global.setLocaleMessage(language, messages as Catalogue)
  i18n.global.locale.value = language
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN'
}
