/** Holds the phone's entry to its limit: everything a phone loads before its first picture, gzip -9. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const LIMIT = 150 * 1024
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
const ROOTS = ['index.html', 'src/faces/phone/Phone.vue', 'src/strings/zh.ts']

const files = new Set(['index.html'])
const seen = new Set()
function collect(key) {
  if (seen.has(key)) return
  seen.add(key)
  const chunk = manifest[key]
  if (!chunk) throw new Error(`not in the manifest: ${key}`)
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) collect(next)
}
for (const root of ROOTS) collect(root)

const sizes = [...files].map(file => [file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length])
const total = sizes.reduce((sum, [, size]) => sum + size, 0)
for (const [file, size] of sizes.sort((a, b) => b[1] - a[1])) console.log(`${(size / 1024).toFixed(1).padStart(8)} KiB  ${file}`)
console.log(`${(total / 1024).toFixed(1).padStart(8)} KiB  phone entry, of ${LIMIT / 1024} KiB`)
if (total > LIMIT) {
  console.error('The phone entry is over its limit: look for what came in by a static import.')
  process.exit(1)
}
