/** 学时 as people write them and as integer hundredths inside; nothing between is ever a float. No I/O. */

export const MOST_HUNDREDTHS = 10_000

/** "2" → 200, "1.5" → 150, "0.25" → 25; null: not a number of 学时 (0…100, at most two decimals). */
export function hundredthsOf(text: string): number | null {
  const match = /^(\d{1,3})(?:[.](\d{1,2}))?$/.exec(text.trim())
  if (!match) return null
  const value = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
  return value <= MOST_HUNDREDTHS ? value : null
}

/** 200 → "2", 150 → "1.5", 25 → "0.25", -50 → "−0.5". */
export function hoursText(hundredths: number): string {
  const size = Math.abs(hundredths)
  const part = String(size % 100).padStart(2, '0').replace(/0+$/, '')
  return `${hundredths < 0 ? '−' : ''}${Math.floor(size / 100)}${part ? `.${part}` : ''}`
}
