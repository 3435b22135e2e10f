/** The cards of keeping recordings, with their words. */

import { defineAsyncComponent } from 'vue'
import { speakCalendar } from '@/strings/calendar'
import { speakKeeping } from '@/strings/keeping'

export const KeepingCard = defineAsyncComponent(async () => (await Promise.all([import('./KeepingCard.vue'), speakKeeping()]))[0])
export const KeepRulesCard = defineAsyncComponent(async () => (await Promise.all([import('./KeepRulesCard.vue'), speakKeeping(), speakCalendar()]))[0])
