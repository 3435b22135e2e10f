/** Small pictures of a recording: an index beside its segments, and sheets of tiles. No I/O. */

export interface Sheets {
  width: number
  height: number
  columns: number
  rows: number
  sheets: number
  /** When each tile was seen, RFC 3339, in order. */
  at: readonly string[]
}

export interface Tile { url: string, column: number, row: number, dateMs: number }

/** `index`: the address of the index; sheets lie beside it. What does not add up is no picture. */
export function tilesOf(index: string, told: Sheets): Tile[] {
  const folder = index.slice(0, index.lastIndexOf('/') + 1)
  const each = told.columns * told.rows
  if (!(each > 0) || told.at.length > each * told.sheets) return []
  return told.at.map((at, number) => ({
    url: `${folder}pictures-${Math.floor(number / each)}.webp`,
    column: number % told.columns, row: Math.floor(number % each / told.columns), dateMs: Date.parse(at),
  }))
}

/** The last one before a date; null when there is none yet. */
export function tileAt(tiles: readonly Tile[], dateMs: number): Tile | null {
  let found: Tile | null = null
  for (const tile of tiles) if (tile.dateMs <= dateMs + 1) found = tile
  return found
}

/** How many of them, in order, show nothing that comes after a position; null: all. */
export function countWithin(tiles: readonly { at: number }[], position: number | null): number {
  const after = position === null ? -1 : tiles.findIndex(tile => tile.at > position)
  return after < 0 ? tiles.length : after
}

/** The tile alone, at any size: the sheet is moved behind a window. Its rows are told by the sheet's own height. */
export function windowOn(tile: Tile, told: Sheets, width: number): Record<string, string> {
  const scale = width / told.width
  return {
    width: `${width}px`, height: `${Math.round(told.height * scale)}px`,
    backgroundImage: `url("${tile.url}")`,
    backgroundSize: `${told.columns * told.width * scale}px auto`,
    backgroundPosition: `${-tile.column * told.width * scale}px ${-tile.row * told.height * scale}px`,
  }
}
