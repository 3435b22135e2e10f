/** The secretary's page and its words, which nobody else loads. */

import { speakBranch } from '@/strings/branch'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakBranch()]))[0]

export const page = () => spoken(import('./BranchPage.vue'))
export const due = () => spoken(import('./SheetsDue.vue'))
