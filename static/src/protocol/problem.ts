/** Refusals of the server (RFC 9457) and of the network, in one type that a page can show. */

export interface Problem {
  status?: number
  code: string
  title: string
  title_en: string
  detail?: string
  detail_en?: string
  request_id?: string
}

export class Refusal extends Error {
  readonly code: string
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number

  constructor(readonly problem: Problem, readonly retryAfterMs: number | null = null) {
    super(`${problem.code}: ${problem.title_en}`)
    this.name = 'Refusal'
    this.code = problem.code
    this.status = problem.status ?? 0
  }

  /** The sentence and what to do next, in the language of the installation. */
  sentences(language: string): { title: string, detail: string } {
    const { title, title_en, detail = '', detail_en = '' } = this.problem
    return language.startsWith('en')
      ? { title: title_en || title, detail: detail_en || detail }
      : { title: title || title_en, detail: detail || detail_en }
  }

  /**
   * Trying the same thing again later may help: no answer, overload, or a server that restarts; a place that another
   * machine of this account holds, when the server says so.
   */
  get passing(): boolean {
    if (this.code === 'source_taken' && this.retryAfterMs !== null) return true
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** The network gave no answer. Its sentences stand in the catalogue under `error.unreachable`. */
export function unreachable(): Refusal {
  return new Refusal({ status: 0, code: 'unreachable', title: '', title_en: '' })
}

/** RFC 9110, 10.2.3: seconds, or a date (taken against the answer's own Date, never this device's clock). */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('Retry-After')
  if (value === null) return null
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000
  const at = Date.parse(value)
  const now = Date.parse(headers.get('Date') ?? '')
  return Number.isNaN(at) || Number.isNaN(now) ? null : Math.max(0, at - now)
}

/** Any answer that is not 2xx. A body that is no problem object still becomes a Refusal with a usable code. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const wait = retryAfterMs(response.headers)
  const body: unknown = await response.json().catch(() => null)
  if (isProblem(body)) return new Refusal({ ...body, status: response.status }, wait)
  const code = `http_${response.status}`
  return new Refusal({ status: response.status, code, title: '', title_en: '' }, wait)
}

export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && typeof (body as Problem).code === 'string'
    && typeof (body as Problem).title === 'string'
}
