/** How many tiles of 16:9 stand beside each other, so that all of them fit and are as large as they can be. No I/O.
 * Of layouts that are nearly as large the one with fewer rows: it leaves no half of the place empty. */

const NEARLY = 0.8

export interface Fit { columns: number, width: number }

/** `width` and `height` of the place and `gap` between tiles in CSS pixels; the fit's `width` is one tile's. */
export function wallFit(width: number, height: number, count: number, gap: number): Fit {
  const fits: (Fit & { rows: number })[] = []
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.max(1, Math.ceil(count / columns))
    const across = (width - gap * (columns - 1)) / columns
    const down = (height - gap * (rows - 1)) / rows
    const tile = Math.floor(Math.max(0, Math.min(across, down * 16 / 9)))
    fits.push({ columns, width: tile, rows })
  }
  const largest = Math.max(...fits.map(fit => fit.width))
  const [best] = fits.filter(fit => fit.width >= NEARLY * largest).sort((a, b) => a.rows - b.rows || b.width - a.width)
  return { columns: best?.columns ?? 1, width: best?.width ?? 0 }
}
