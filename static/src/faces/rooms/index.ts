/** 我的会场 and its words, which only operators load. */

import { speakRooms } from '@/strings/rooms'

const spoken = async <T>(part: Promise<T>): Promise<T> => (await Promise.all([part, speakRooms()]))[0]

export const card = () => spoken(import('./RoomsCard.vue'))
export const page = () => spoken(import('./RoomPage.vue'))
