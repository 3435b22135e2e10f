/** The pages of 结业证书 with their words, which nobody else loads. */

import { speakCertificates } from '@/strings/certificates'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakCertificates()]))[0]

export const own = () => spoken(import('./OwnCertificates.vue'))
export const course = () => spoken(import('./CourseCertificates.vue'))
export const check = () => spoken(import('./CheckPage.vue'))
