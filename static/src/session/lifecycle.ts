/** Which step of a lesson's life comes next, and who may take it. The server decides; this only shows. No I/O. */

import type { Lesson, LessonEvent, LessonState } from '@/protocol/model'

interface Step { event: LessonEvent, right: 'edit' | 'run' | 'settle', forward: boolean }

const STEPS: Partial<Record<LessonState, Step[]>> = {
  draft: [{ event: 'schedule', right: 'edit', forward: true }, { event: 'cancel', right: 'edit', forward: false }],
  scheduled: [
    { event: 'open', right: 'run', forward: true },
    { event: 'reopen_draft', right: 'edit', forward: false },
    { event: 'cancel', right: 'edit', forward: false },
  ],
  open: [{ event: 'start', right: 'run', forward: true }, { event: 'cancel', right: 'edit', forward: false }],
  live: [{ event: 'end', right: 'run', forward: true }],
  ended: [{ event: 'settle', right: 'settle', forward: true }],
  settled: [{ event: 'archive', right: 'settle', forward: false }],
}

export function stepsOf(lesson: Lesson): { forward: LessonEvent | null, others: LessonEvent[] } {
  const steps = (STEPS[lesson.state] ?? []).filter(step => lesson.may.includes(step.right))
  return {
    forward: steps.find(step => step.forward)?.event ?? null,
    others: steps.filter(step => !step.forward).map(step => step.event),
  }
}

export function isEditable(lesson: Lesson): boolean {
  return lesson.may.includes('edit') && (lesson.state === 'draft' || lesson.state === 'scheduled')
}
