/**
 * Holds two entries to their limits, gzip -9: everything a phone loads before its first picture, and everything it loads
 * before the page after a scanned code can be tapped (a cold phone, 400 kbit/s).
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const ENTRIES = [
  { name: 'phone entry', limit: 150 * 1024, roots: ['index.html', 'src/faces/phone/Phone.vue', 'src/strings/zh.ts'] },
  { name: 'sign-in entry', limit: 120 * 1024, roots: ['index.html', 'src/faces/signin/SignInPage.vue', 'src/strings/zh.ts'] },
]
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))

function filesOf(roots) {
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
  for (const root of roots) collect(root)
  return [...files]
}

for (const { name, limit, roots } of ENTRIES) {
  const sizes = filesOf(roots).map(file => [file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length])
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  for (const [file, size] of sizes.sort((a, b) => b[1] - a[1])) console.log(`${(size / 1024).toFixed(1).padStart(8)} KiB  ${file}`)
  console.log(`${(total / 1024).toFixed(1).padStart(8)} KiB  ${name}, of ${limit / 1024} KiB`)
  if (total > limit) {
    console.error(`The ${name} is over its limit: look for what came in by a static import.`)
    process.exitCode = 1
  }
}
