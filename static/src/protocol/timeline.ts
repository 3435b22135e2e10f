/** Two playlists, one time: EXT-X-PROGRAM-DATE-TIME (RFC 8216, 4.3.2.6) to positions and back. No I/O. */

export interface Piece {
  /** Seconds on the playlist's own axis. */
  start: number
  duration: number
  /** Milliseconds since 1970 of its first frame; null when the playlist does not say. */
  dateMs: number | null
}

/** The date at a position; null before the first dated piece. */
export function dateAt(pieces: readonly Piece[], position: number): number | null {
  const piece = last(pieces, candidate => candidate.start <= position + 1e-6)
  return piece === null || piece.dateMs === null ? null : piece.dateMs + (position - piece.start) * 1000
}

/** The position showing a date; null when nothing was recorded then (before the start, in a pause, after the end). */
export function positionOf(pieces: readonly Piece[], dateMs: number): number | null {
  const piece = last(pieces, candidate => candidate.dateMs !== null && candidate.dateMs <= dateMs)
  if (piece === null || piece.dateMs === null) return null
  const inside = (dateMs - piece.dateMs) / 1000
  return inside <= piece.duration + GAP_SECONDS ? piece.start + Math.min(inside, piece.duration) : null
}

/** Where a chapter begins: at its date, or where the recording goes on after it (a pause); null after the end. */
export function chapterPosition(pieces: readonly Piece[], dateMs: number): number | null {
  const exact = positionOf(pieces, dateMs)
  if (exact !== null) return exact
  return pieces.find(piece => piece.dateMs !== null && piece.dateMs >= dateMs)?.start ?? null
}

/** Rounding of segment lengths must not open holes. */
const GAP_SECONDS = 0.25
/** Beyond this a seek is less disturbing than seconds of being late. */
const SEEK_SECONDS = 0.8
const STEADY_SECONDS = 0.06

export type Correction =
  | { kind: 'none' }
  | { kind: 'rate', rate: number }
  | { kind: 'seek', position: number }

/** How the follower gets in step: a small drift by speed (± 6 %), a large one by a jump. */
export function correction(wanted: number, actual: number, rate: number): Correction {
  const behind = wanted - actual
  if (Math.abs(behind) > SEEK_SECONDS) return { kind: 'seek', position: wanted }
  if (Math.abs(behind) < STEADY_SECONDS) return { kind: 'none' }
  return { kind: 'rate', rate: rate * (1 + Math.sign(behind) * 0.06) }
}

/** `Array.findLast`, which old phones lack. */
function last(pieces: readonly Piece[], fits: (piece: Piece) => boolean): Piece | null {
  for (let index = pieces.length - 1; index >= 0; index -= 1) {
    const piece = pieces[index]
    if (piece && fits(piece)) return piece
  }
  return null
}
