/** An event of the lesson as a short line for everybody; null: nothing that a member needs to read. */

import type { LessonLogEvent } from '@/protocol/model'
import { i18n } from '@/strings'

export function lineOf(event: LessonLogEvent): string | null {
  const { t } = i18n.global
  const state = typeof event.data.state === 'string' ? event.data.state : ''
  switch (event.kind) {
    case 'lesson.changed': return ['live', 'ended', 'open', 'cancelled'].includes(state) ? t(`log.${state}`) : null
    case 'stage.taken': return taken(event.data)
    case 'recording.changed': return ['running', 'paused', 'finished'].includes(state)
      ? t(`log.recording${state.slice(0, 1).toUpperCase()}${state.slice(1)}`)
      : null
    case 'cut.begun': return t('log.cut')
    case 'cut.ended': return t('log.cutEnded')
    case 'media.moved': return t('log.moved')
    case 'paper.launched': return t('log.paperLaunched', { n: Number(event.data.questions) })
    case 'quiz.launched': return t('log.quizLaunched', { n: Number(event.data.number) })
    case 'quiz.closed': return t('log.quizClosed', { n: Number(event.data.number) })
    case 'quiz.reopened': return t('log.quizReopened', { n: Number(event.data.number) })
    case 'quiz.remarked': return t('log.quizRemarked', { n: Number(event.data.number) })
    default: return null
  }
}

function taken(data: Record<string, unknown>): string {
  const { t } = i18n.global
  if (data.slot === 'screen') return data.source ? t('log.screenOn') : t('log.screenOff')
  return data.source ? t('log.taken', { label: String(data.label ?? data.source) }) : t('log.cleared')
}
