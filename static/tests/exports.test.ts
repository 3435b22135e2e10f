import { expect, test } from 'vitest'
import { filePath, going, newest, type Export } from '@/protocol/exports'

const one = (id: string, change: Partial<Export> = {}): Export => ({
  id, kind: 'films', state: 'done', progress: 100, created_at: '', created_by: '', until: '2026-12-03T00:00:00Z',
  files: [{ name: 'camera.mp4', bytes: 1, duration_ms: 1, key: '' }], text: null, text_en: null, ...change,
})

test('of each kind the newest counts, and one whose files are gone does not', () => {
  const sealed = one('p', { kind: 'package' })
  expect(newest([one('b'), sealed, one('a')], 'films')?.id).toBe('b')
  expect(newest([one('b'), sealed], 'package')).toBe(sealed)
  expect(newest([one('b', { files: [] })], 'films')).toBeNull()
  expect(newest([one('b', { state: 'cancelled', files: [] }), one('a')], 'films')?.id).toBe('a')
  expect(newest([], 'films')).toBeNull()
})

test('what failed is told until it is tried again', () => {
  expect(newest([one('b', { state: 'failed', files: [] }), one('a')], 'films')?.state).toBe('failed')
  expect(going(one('b', { state: 'queued' }))).toBe(true)
  expect(going(null)).toBe(false)
})

test('a file has its own address', () => {
  const made = one('x')
  expect(filePath(made, made.files[0] as never)).toBe('/api/v1/exports/x/files/camera.mp4')
})
