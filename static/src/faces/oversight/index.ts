/** Overseen items and their words, which members never load. */

import { speakOutside } from '@/strings/outside'
import { speakOversight } from '@/strings/oversight'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakOversight()]))[0]

export const page = () => spoken(import('./OversightPage.vue'))
export const live = () => spoken(import('./LivePage.vue'))
export const year = () => spoken(import('./YearPage.vue'))
export const card = () => spoken(import('./OversightCard.vue'))
/** With the words of what stands behind an entry. */
export const member = () => spoken(Promise.all([import('./MemberYear.vue'), speakOutside()]).then(([part]) => part))
