/** The archive with its words, for staff in the frame of management and for members in one of their own. */

import type { Component } from 'vue'
import { speakArchive } from '@/strings/archive'
import { speakCalendar } from '@/strings/calendar'

export async function managed(): Promise<Component> {
  const [{ default: page }] = await Promise.all([import('./ManagedArchive.vue'), speakArchive(), speakCalendar()])
  return page
}

export async function own(): Promise<Component> {
  const [{ default: page }] = await Promise.all([import('./OwnArchive.vue'), speakArchive(), speakCalendar()])
  return page
}
