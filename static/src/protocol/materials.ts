/** 资料: shapes of docs/protocol.md, section 4, and where the pictures of their pages are. */

export type MaterialKind = 'slides' | 'handout' | 'clip'
export type MaterialState = 'uploading' | 'queued' | 'converting' | 'ready' | 'failed'
export type Release = 'staff' | 'before' | 'during' | 'after'
export const RELEASES: readonly Release[] = ['staff', 'before', 'during', 'after']

export interface Material {
  id: string
  kind: MaterialKind
  name: string
  state: MaterialState
  release: Release
  bytes: number
  created_at: string
  created_by: string
  job_id: string | null
  progress: number
  code: string | null
  text: string | null
  text_en: string | null
  pages: number
  titles: string[]
  sizes: [number, number][]
  duration_ms: number
  /** Only the pages up to here may be looked at, unless it is `whole`. */
  reached: number
  whole: boolean
  base: string | null
}

/** From `at` on; `material_id` null: no slides. */
export interface Turn { at: string, material_id: string | null, page: number }
export type PictureSize = 'screen' | 'phone' | 'thumb'

/** What is taken of each kind; the server looks into the file itself. */
interface Taken { mostBytes: number, endings: readonly string[], accept: string }
const PDF: Taken = { mostBytes: 100 * 1024 * 1024, endings: ['pdf'], accept: 'application/pdf,.pdf' }
const FILMS = ['mp4', 'm4v', 'mov', 'mkv', 'webm', 'avi', 'ts', 'mts', 'm2ts', 'mpg', 'mpeg', 'vob', 'flv', 'wmv', 'asf', '3gp']
export const TAKEN: Record<MaterialKind, Taken> = {
  slides: PDF,
  handout: PDF,
  clip: { mostBytes: 1024 * 1024 * 1024, endings: FILMS, accept: `video/*,${FILMS.map(one => `.${one}`).join(',')}` },
}

export function pictureOf(base: string, size: PictureSize, page: number): string {
  return `${base}${size}-${String(page).padStart(3, '0')}.webp`
}

/** The last page that somebody may look at. */
export function lastPage(material: Material, reached = 0): number {
  return material.whole ? material.pages : Math.min(material.pages, Math.max(material.reached, reached))
}

/** What was on stage at a moment of the server's clock; null: nothing. `turns` in order. */
export function shownAt(turns: readonly Turn[], atMs: number): { material_id: string, page: number } | null {
  let shown: Turn | null = null
  for (const turn of turns) {
    if (Date.parse(turn.at) > atMs) break
    shown = turn
  }
  return shown?.material_id ? { material_id: shown.material_id, page: shown.page } : null
}

/** Why a file is not worth sending; null: it is. The server looks again. */
export function unfit(file: { name: string, size: number }, kind: MaterialKind = 'slides'): 'type' | 'size' | null {
  const { endings, mostBytes } = TAKEN[kind]
  if (!endings.includes(endingOf(file.name))) return 'type'
  return file.size > mostBytes ? 'size' : null
}

const endingOf = (name: string) => /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''

/** Without its ending, for people. */
export function nameOf(file: string): string {
  const known = [...PDF.endings, ...FILMS].includes(endingOf(file))
  return (known ? file.replace(/\.\w+$/, '') : file).replace(/[/\\]/g, ' ').trim().slice(0, 120) || file.slice(0, 120)
}

export function megabytes(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`
}

/** A page one may go to from here, by so many. */
export function stepped(from: number, by: number, last: number): number {
  return Math.min(Math.max(1, last), Math.max(1, from + by))
}
