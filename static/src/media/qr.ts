/** Reads QR codes from a camera's picture: by the browser's own detector where there is one, else by a library fetched then. */

/** One look at the picture; null: no code in it. */
export type Look = (video: HTMLVideoElement) => Promise<string | null>

interface Detector { detect: (source: CanvasImageSource) => Promise<{ rawValue: string }[]> }
interface DetectorClass { new(options: { formats: string[] }): Detector, getSupportedFormats?: () => Promise<string[]> }

/** The middle of the picture is looked at, at this many pixels: enough for a code across a room, quick on an old phone. */
const LOOK_PX = 640
/** A second try on a difficult picture may take this long; the next picture is often the easier one. */
const RETRY_MS = 60

export async function openLook(): Promise<Look> {
  return await native() ?? await library()
}

/** Some phones have the class and no service behind it: the first failure hands over to the library for good. */
async function native(): Promise<Look | null> {
  const Class = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const formats = await Class?.getSupportedFormats?.().catch((): string[] => [])
  if (!Class || !formats?.includes('qr_code')) return null
  const detector = new Class({ formats: ['qr_code'] })
  let instead: Look | null = null
  return async (video) => {
    if (instead) return instead(video)
    try {
      return (await detector.detect(video))[0]?.rawValue ?? null
    } catch {
      instead = await library()
      return null
    }
  }
}

async function library(): Promise<Look> {
  const { decodeQR } = await import('qr/decode.js')
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  return (video) => {
    const side = Math.min(video.videoWidth, video.videoHeight)
    if (!pen || side === 0) return Promise.resolve(null)
    const size = Math.min(side, LOOK_PX)
    canvas.width = canvas.height = size
    pen.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, size, size)
    return Promise.resolve(decoded(() => decodeQR(pen.getImageData(0, 0, size, size), { timeLimit: RETRY_MS })))
  }
}

/** The library throws when there is no code. */
function decoded(decode: () => string): string | null {
  try { return decode() } catch { return null }
}
