/** The parts of 校外学时 with their words, which nobody else loads. */

import { speakOutside } from '@/strings/outside'
import { speakVouch } from '@/strings/vouch'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakOutside()]))[0]

/** With the ways to sign in, and what was asked meanwhile. */
const vouched = <T>(part: Promise<T>): Promise<T> => Promise.all([spoken(part), speakVouch()]).then(([spoke]) => spoke)

export const own = () => spoken(import('./OwnOutside.vue'))
export const target = () => spoken(import('./YearTarget.vue'))
export const evidence = () => vouched(import('./EntryEvidence.vue'))
export const notGranted = () => vouched(import('./NotGranted.vue'))
export const branch = () => spoken(import('./BranchCredit.vue'))
