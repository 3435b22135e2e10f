/** The parts of 校外学时 with their words, which nobody else loads. */

import { speakOutside } from '@/strings/outside'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakOutside()]))[0]

export const own = () => spoken(import('./OwnOutside.vue'))
export const target = () => spoken(import('./YearTarget.vue'))
export const evidence = () => spoken(import('./EntryEvidence.vue'))
export const notGranted = () => spoken(import('./NotGranted.vue'))
export const branch = () => spoken(import('./BranchCredit.vue'))
