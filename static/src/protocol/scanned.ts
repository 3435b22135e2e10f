/** What a scanned code says. No I/O. */

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * The sign-in token of an address `…/s/<token>` on any host (a venue's screen may know the server by another name; the
 * server proves the token, not we); null: not one of our codes. 32 bytes in base64url are 43 characters.
 */
export function tokenOf(text: string): string | null {
  const path = /^https?:\/\/[^/\s]+\/s\/([^/?#\s]+)$/i.exec(text.trim())?.[1] ?? ''
  return TOKEN.test(path) ? path : null
}

/** Six digits, however they were typed: with spaces, or in full width by a Chinese keyboard. */
export function codeDigits(typed: string): string {
  return typed.replace(/[０-９]/g, digit => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/\D/g, '').slice(0, 6)
}
