/** `npm run dev`: the client against a sample server of its own, or against a real one (DANGXIAO_URL). Never shipped. */

import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vite'
import base from '../vite.config'
import { sampleServer } from './sample-server'

const real = process.env.DANGXIAO_URL
const proxied = ['/api', '/whip', '/whep', '/hls', '/socket.io']

export default mergeConfig(base, defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: real ? [] : [sampleServer()],
  server: {
    port: Number(process.env.PORT ?? 5173),
    host: '127.0.0.1',
    ...(real ? { proxy: Object.fromEntries(proxied.map(path => [path, { target: real, secure: false, ws: true, changeOrigin: true }])) } : {}),
  },
}))
