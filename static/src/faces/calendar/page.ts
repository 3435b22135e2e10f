/** One's own calendar with its words, kept out of the entry that every face loads. */

import type { Component } from 'vue'
import { speakCalendar } from '@/strings/calendar'
import CalendarPage from '../portal/CalendarPage.vue'

export async function page(): Promise<Component> {
  await speakCalendar()
  return CalendarPage
}
