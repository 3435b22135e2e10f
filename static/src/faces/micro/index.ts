/** The pages of 微视频 with their words, and those of 补学 and of the player, which they use; nobody else loads them. */

import { speakMakeUp } from '@/strings/makeup'
import { speakMicro } from '@/strings/micro'
import { speakPlayer } from '@/strings/player'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakMicro(), speakMakeUp(), speakPlayer()]))[0]

export const card = () => spoken(import('./MicroCard.vue'))
export const page = () => spoken(import('./StudyRoute.vue'))
export const films = () => spoken(import('./FilmsPage.vue'))
