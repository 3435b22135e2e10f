/** The calls of 微视频, and a film on its way in pieces: it goes on where it broke off, whatever broke. */

import type { Attempt, MarkTold } from '@/protocol/makeup'
import { base64, hex, markOfFile, metadataOf, pieceAfter, waitBefore, type CourseStudy, type MicroQuestion, type MicroQuestionDraft, type MicroStudy, type MicroVideo, type MicroVideos, type Standing } from '@/protocol/micro'
import type { Playlists } from '@/protocol/model'
import { Refusal, refusalOf, unreachable } from '@/protocol/problem'
import { randomId } from '@/protocol/rest'
import { rest } from './api'

const PATH = '/api/v1/micro-videos'
const TUS = { 'Tus-Resumable': '1.0.0' }

export const micro = {
  courses: async () => (await rest.json<{ items: CourseStudy[] }>('GET', '/api/v1/course-studies')).items,
  course: (id: string) => rest.json<CourseStudy>('GET', `/api/v1/courses/${id}/study`),
  study: (id: string) => rest.json<MicroStudy>('GET', `${PATH}/${id}/study`),
  play: (id: string) => rest.json<Playlists>('POST', `${PATH}/${id}/play`, { body: {} }),
  begin: (id: string) => rest.command<Attempt>(`${PATH}/${id}/attempts`, {}),
  handIn: (id: string, attempt: string, choices: Record<string, string[]>) => rest.command<Attempt>(`${PATH}/${id}/attempts/${attempt}/answers`, { choices }),
  mark: (id: string, question: string, choice: readonly string[]) => rest.command<MarkTold>(`${PATH}/${id}/marks/${question}`, { choice }),
  // ---- who keeps the course
  videos: (course: string) => rest.json<MicroVideos>('GET', `/api/v1/courses/${course}/micro-videos`),
  add: (course: string, title: string) => rest.command<MicroVideo>(`/api/v1/courses/${course}/micro-videos`, { title }),
  order: (course: string, ids: readonly string[]) => rest.command<MicroVideos>(`/api/v1/courses/${course}/micro-videos/order`, { ids }, 'PUT'),
  change: (id: string, change: { title?: string, skips?: boolean, asks?: boolean }) => rest.json<MicroVideo>('PATCH', `${PATH}/${id}`, { body: { command_id: randomId(), ...change } }),
  step: (id: string, step: 'publish' | 'retire' | 'cancel') => rest.command<MicroVideo>(`${PATH}/${id}/${step}`, {}),
  remove: (id: string) => rest.json<undefined>('DELETE', `${PATH}/${id}`),
  questions: async (id: string) => (await rest.json<{ items: MicroQuestion[] }>('GET', `${PATH}/${id}/questions`)).items,
  putQuestions: async (id: string, items: readonly MicroQuestionDraft[]) => (await rest.command<{ items: MicroQuestion[] }>(`${PATH}/${id}/questions`, { items }, 'PUT')).items,
  cancelUpload: async (id: string) => { await ask('DELETE', `/api/v1/uploads/${id}`) },
}

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: Blob, signal?: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await globalThis.fetch(path, { method, headers: { ...TUS, ...headers }, ...(body ? { body } : {}), ...(signal ? { signal } : {}) })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw unreachable()
  }
  if (!response.ok) throw await refusalOf(response)
  return response
}

/** What this device was sending for a video: the same file chosen again goes on. */
const memory = {
  key: (video: string) => `dangxiao.upload.${video}`,
  read(video: string): { upload: string, mark: string } | null {
    try { return JSON.parse(localStorage.getItem(this.key(video)) ?? 'null') as { upload: string, mark: string } | null } catch { return null }
  },
  write(video: string, value: { upload: string, mark: string } | null): void {
    try {
      if (value) localStorage.setItem(this.key(video), JSON.stringify(value))
      else localStorage.removeItem(this.key(video))
    } catch { /* private mode: it begins anew */ }
  },
}

const where = async (upload: string, signal: AbortSignal) => await (await ask('GET', `/api/v1/uploads/${upload}`, {}, undefined, signal)).json() as Standing

/** Whether a file of this size is the one that another device began to send: by the last of what is there. */
async function same(standing: Standing, file: File): Promise<boolean> {
  const { tail, offset } = standing
  if (standing.done || standing.size_bytes !== file.size) return false
  if (!tail) return offset === 0
  if (!globalThis.crypto?.subtle) return false
  const mine = await crypto.subtle.digest('SHA-256', await file.slice(tail.since, offset).arrayBuffer())
  return hex(new Uint8Array(mine)) === tail.sha256
}

/** `there`: an upload that is on its way, of this device or another one. */
async function begun(video: string, file: File, there: string | null, signal: AbortSignal): Promise<Standing> {
  const known = memory.read(video)
  if (known?.mark === markOfFile(file)) {
    const standing = await where(known.upload, signal).catch((error: unknown) => { if (error instanceof Refusal && !error.passing) return null; throw error })
    if (standing) return standing
  } else if (there) {
    const standing = await where(there, signal).catch((error: unknown) => { if (error instanceof Refusal && !error.passing) return null; throw error })
    if (standing && await same(standing, file)) {
      memory.write(video, { upload: standing.id, mark: markOfFile(file) })
      return standing
    }
  }
  const headers = { 'Upload-Length': String(file.size), 'Upload-Metadata': metadataOf(file.name) }
  const made = await (await ask('POST', `${PATH}/${video}/uploads?command_id=${randomId()}`, headers, undefined, signal)).json() as Standing
  memory.write(video, { upload: made.id, mark: markOfFile(file) })
  return made
}

async function sendPiece(upload: string, file: File, offset: number, signal: AbortSignal): Promise<number> {
  const [from, until] = pieceAfter(offset, file.size)
  const piece = file.slice(from, until)
  const headers: Record<string, string> = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(from) }
  const digest = globalThis.crypto?.subtle ? await crypto.subtle.digest('SHA-256', await piece.arrayBuffer()) : null
  if (digest) headers['Upload-Checksum'] = `sha256 ${base64(new Uint8Array(digest))}`
  return Number((await ask('PATCH', `/api/v1/uploads/${upload}`, headers, piece, signal)).headers.get('Upload-Offset') ?? until)
}

/** Until all of it is there. `there`: what is on its way already. `told` hears a fraction, and whether it waits for the line. Rejects with what trying again does not change. */
export async function sendFilm(video: string, file: File, there: string | null, told: (done: number, waits: boolean) => void, signal: AbortSignal): Promise<void> {
  let upload = ''
  for (let tries = 0, offset: number | null = null; ;) {
    try {
      if (!upload || offset === null) {
        const standing: Standing = upload ? await where(upload, signal) : await begun(video, file, there, signal)
        upload = standing.id
        if (standing.done) break
        offset = standing.offset
      }
      told(offset / Math.max(1, file.size), false)
      offset = await sendPiece(upload, file, offset, signal)
      tries = 0
      if (offset >= file.size) break
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const again = error.passing || ['upload_offset', 'upload_broken', 'upload_digest'].includes(error.code)
      if (!again || tries > 40) throw error // what is there stays known: chosen again the file goes on
      tries += 1
      offset = null
      told(NaN, true)
      await rested(error.retryAfterMs ?? waitBefore(tries), signal)
    }
  }
  memory.write(video, null)
  told(1, false)
}

function rested(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => { clearTimeout(timer); reject(new DOMException('', 'AbortError')) }, { once: true })
  })
}
