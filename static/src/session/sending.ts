/** A file on its way to the server, with its progress: what `fetch` cannot tell. */

import { Refusal, unreachable } from '@/protocol/problem'

/** `told` hears a fraction. Rejects with a refusal; the same command may be tried again. Abort ends it. */
export function sendFile<T>(path: string, content: Blob | null, told: (done: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    signal.addEventListener('abort', () => { request.abort() })
    request.upload.addEventListener('progress', (event) => { told(event.loaded / Math.max(1, event.total)) })
    request.addEventListener('load', () => {
      const body = parsed(request.responseText)
      if (request.status === 201) { resolve(body as T); return }
      reject(new Refusal({ code: `http_${request.status}`, title: '', title_en: '', ...body, status: request.status }))
    })
    request.addEventListener('error', () => { reject(unreachable()) })
    request.addEventListener('abort', () => { reject(new DOMException('', 'AbortError')) })
    request.open('POST', path)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.send(content)
  })
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
