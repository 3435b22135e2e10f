/** The one catalogue. Its sentences know one thing only, `{name}`: a phone loads no compiler of messages.
 * The installation speaks one language at a time (`/api/v1/info`). */

import { createI18n } from 'vue-i18n'
import type zh from './zh'

export type Catalogue = typeof zh
export type Language = 'zh' | 'en'

export const i18n = createI18n({
  legacy: false, locale: 'zh', fallbackLocale: false, missingWarn: false, fallbackWarn: false, messages: {} as Record<string, Catalogue>,
  messageCompiler: (sentence) => (context: { named: (name: string) => unknown }) =>
    sentence.toString().replace(/\{(\w+)\}/g, (_hole, name: string) => String(context.named(name) ?? '')),
})

export function languageOf(setting: string): Language {
  return setting.toLowerCase().startsWith('en') ? 'en' : 'zh'
}
