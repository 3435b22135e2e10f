/** The loudness of a local microphone as it is, whether or not anybody may hear it. */

import { onScopeDispose, ref, watch, type Ref } from 'vue'

const EVERY_MS = 80
/** −60 dBFS is the left end of the meter. */
const FLOOR_DB = 60

export function meterOfDb(db: number): number {
  return Math.min(1, Math.max(0, (db + FLOOR_DB) / FLOOR_DB))
}

/** RFC 6464 levels, 0 loudest … 127 silence. */
export function meterOfDbov(level: number): number {
  return level >= 127 ? 0 : meterOfDb(-level)
}

export function useLevel(track: Ref<MediaStreamTrack | null>): { level: Ref<number>, silentMs: Ref<number> } {
  const level = ref(0)
  const silentMs = ref(0)
  let context: AudioContext | null = null
  let timer: ReturnType<typeof setInterval> | null = null

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
    void context?.close()
    context = null
    level.value = 0
    silentMs.value = 0
  }

  /** A clone is measured, so that a muted (disabled) track still shows that the microphone works. */
  function measure(source: MediaStreamTrack): void {
    const copy = source.clone()
    copy.enabled = true
    const running = new AudioContext()
    const analyser = running.createAnalyser()
    analyser.fftSize = 1024
    running.createMediaStreamSource(new MediaStream([copy])).connect(analyser)
    running.addEventListener('statechange', () => { if (running.state === 'closed') copy.stop() })
    const samples = new Float32Array(analyser.fftSize)
    context = running
    timer = setInterval(() => {
      if (running.state === 'suspended') { void running.resume(); return }
      analyser.getFloatTimeDomainData(samples)
      const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)
      const now = meterOfDb(20 * Math.log10(Math.max(rms, 1e-6)))
      level.value = now > level.value ? now : level.value * 0.8 + now * 0.2
      silentMs.value = now < 0.03 ? silentMs.value + EVERY_MS : 0
    }, EVERY_MS)
  }

  watch(track, (source) => { stop(); if (source) measure(source) }, { immediate: true })
  onScopeDispose(stop)
  return { level, silentMs }
}
