/** The calls of 校外学时: they come with its parts. */

import { outsideCalls, outsidePaths, type OutsideImport, type Proof } from '@/protocol/outside'
import { rest } from './api'
import { sendFile } from './sending'

export const outside = {
  ...outsideCalls(rest),
  bring: (command: string, file: File, told: (done: number) => void, signal: AbortSignal) => sendFile<Proof>(outsidePaths.proof(command, file.name), file, told, signal),
  table: (path: string, file: File, told: (done: number) => void, signal: AbortSignal) => sendFile<OutsideImport>(path, file, told, signal),
}
