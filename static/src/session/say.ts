/** Any failure as a sentence and what to do next, in the installation's language. */

import { Refusal } from '@/protocol/problem'
import { i18n } from '@/strings'

export interface Said { title: string, detail: string, code: string }

export function say(error: unknown): Said {
  const { t, te, locale } = i18n.global
  if (error instanceof Refusal) {
    const { title, detail } = error.sentences(locale.value)
    if (title) return { title, detail, code: error.code }
    const key = te(`error.${error.code}.title`) ? error.code : error.status >= 500 ? 'server' : 'refused'
    return { title: t(`error.${key}.title`), detail: t(`error.${key}.detail`), code: error.code }
  }
  return { title: t('error.page.title'), detail: t('error.page.detail'), code: 'page' }
}

export function sentence(error: unknown): string {
  const { title, detail } = say(error)
  return detail ? `${title} ${detail}` : title
}
