/** A second of 1 kHz for checking a room's loudspeaker. */

export async function playTone(): Promise<void> {
  const context = new AudioContext()
  try {
    await context.resume()
    const oscillator = context.createOscillator()
    const gain = context.createGain()
    const now = context.currentTime
    gain.gain.setValueAtTime(0, now)
    gain.gain.linearRampToValueAtTime(0.25, now + 0.05)
    gain.gain.setValueAtTime(0.25, now + 0.95)
    gain.gain.linearRampToValueAtTime(0, now + 1)
    oscillator.frequency.value = 1000
    oscillator.connect(gain).connect(context.destination)
    oscillator.start(now)
    oscillator.stop(now + 1)
    await new Promise((resolve) => { oscillator.addEventListener('ended', resolve, { once: true }) })
  } finally {
    await context.close()
  }
}
