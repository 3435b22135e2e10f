/** The pages of 补学 with their words and those of the player, which nobody else loads. */

import { speakMakeUp } from '@/strings/makeup'
import { speakPlayer } from '@/strings/player'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakMakeUp(), speakPlayer()]))[0]

export const card = () => spoken(import('./MakeUpCard.vue'))
export const mine = () => spoken(import('./MakeUps.vue'))
export const branch = () => spoken(import('./BranchMakeUps.vue'))
export const one = () => spoken(import('./MakeUpPage.vue'))
