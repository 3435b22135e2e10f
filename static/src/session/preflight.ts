/** 设备自检, step after step. The page looks and listens, the server measures the line and judges everything. */

import { computed, ref, shallowRef } from 'vue'
import { wallMs } from '@/clock'
import type { useDevices } from '@/media/devices'
import { clientName, measureBrowser, measureCamera, measureMicrophone, measureSpeaker, sendBytes } from '@/media/measure'
import { sendTestPicture } from '@/media/testline'
import { CHECKS, FROM_KIT, type Check, type CheckName, type Preflight } from '@/protocol/readiness'
import type { VideoCodec } from '@/protocol/sdp'
import { canPublish } from '@/protocol/whip'
import { rest } from './api'
import { readiness } from './readiness'
import { sentence } from './say'

export const SPEAK_MS = 4_000
const CLOCK_READINGS = 3
/** Of a room kit's source, a second apart: pictures that came between them, and the loudest of what is said. */
const SOURCE_READINGS = 5
const OPEN_MS = 8_000
const KINDS = ['camera', 'microphone'] as const
type Devices = ReturnType<typeof useDevices>

/** Until camera and microphone are open, or it is known why not: a preflight of devices that come a moment later would be of none. */
async function opened(devices: Devices): Promise<void> {
  for (let waited = 0; waited < OPEN_MS && KINDS.some(kind => !devices.tracks[kind].value && !devices.troubles[kind].value); waited += 100) {
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
}

/** Camera and microphone by name: another one, and the preflight says nothing of this room any more. */
export function deviceOf(devices: Devices): string {
  return KINDS.map(kind => devices.tracks[kind].value?.label ?? '—').join(' | ').slice(0, 200)
}

/** `free`: the venue's source, unless this page itself publishes it. Sends it all the same, then a room kit does. */
export function usePreflight(lessonId: () => string, devices: Devices, codec: () => VideoCodec, free: () => string | null) {
  const preflight = shallowRef<Preflight | null>(null)
  /** The step at work; null: none. */
  const running = ref<CheckName | null>(null)
  /** A step that could not be taken, and why. */
  const failed = ref<string | null>(null)
  /** The tone was played and not heard: did anybody? */
  const asking = ref(false)
  const signing = ref(false)
  /** A room kit sends: what it sends is looked at by the server. */
  const byKit = ref(false)

  const checks = computed(() => new Map(preflight.value?.checks.map(one => [one.name, one])))
  const check = (name: CheckName): Check | null => checks.value.get(name) ?? null
  const busy = computed(() => running.value !== null || signing.value)

  async function look(): Promise<void> {
    const source = free()
    if (source === null) { byKit.value = false; return }
    const [stage, venues] = await Promise.all([rest.stage(lessonId()).catch(() => null), readiness.venues(lessonId()).catch(() => [])])
    byKit.value = venues[0]?.kit?.sends === true || stage?.sources.some(one => one.source === source && one.connected) === true
  }

  /** The venue's newest one, so that a reloaded page goes on. */
  async function open(): Promise<void> {
    const [found] = await Promise.all([readiness.venues(lessonId()).catch(() => []), look()])
    preflight.value = found[0]?.preflight ?? null
  }

  async function begin(): Promise<void> {
    await look()
    if (!byKit.value) await opened(devices)
    preflight.value = await readiness.begin(lessonId(), deviceOf(devices), clientName(navigator.userAgent))
  }

  /** All of it, anew. */
  async function runAll(): Promise<void> {
    if (busy.value) return
    asking.value = false
    if (!await attempt('browser', begin)) return
    for (const name of CHECKS) {
      if (!await attempt(name, () => take(name))) return
    }
  }

  /** One of it again. A preflight that is stale, or was never begun, is begun. */
  async function runOne(name: CheckName): Promise<void> {
    if (busy.value) return
    const fresh = preflight.value !== null && preflight.value.state !== 'stale'
    await attempt(name, async () => {
      if (fresh) await look()
      else await begin()
      await take(name)
    })
  }

  async function attempt(name: CheckName, act: () => Promise<void>): Promise<boolean> {
    running.value = name
    failed.value = null
    try {
      await act()
      return true
    } catch (error) {
      failed.value = sentence(error)
      return false
    } finally {
      running.value = null
    }
  }

  async function step(name: CheckName): Promise<void> {
    const [id, mine] = [lessonId(), preflight.value?.id ?? '']
    const found = async (values: Parameters<typeof readiness.found>[3]) => { preflight.value = await readiness.found(id, mine, name, values) }
    const { tracks, troubles, chosen } = devices
    switch (name) {
      case 'browser': await found(await measureBrowser(canPublish(codec()))); break
      case 'camera': await found(await measureCamera(tracks.camera.value, troubles.camera.value)); break
      case 'microphone': await found(await measureMicrophone(tracks.microphone.value, troubles.microphone.value, SPEAK_MS)); break
      case 'speaker': {
        await found(await measureSpeaker(chosen.microphone.value))
        asking.value = check('speaker')?.result === 'fail'
        break
      }
      case 'clock': for (let n = 0; n < CLOCK_READINGS; n += 1) preflight.value = await readiness.clock(id, mine, new Date(wallMs()).toISOString()); break
      case 'uplink': preflight.value = await sendBytes(bytes => readiness.uplink(id, mine, bytes)); break
      case 'line': {
        const sent = [tracks.camera.value, tracks.microphone.value].filter(track => track !== null)
        if (sent.length === 0) break // what is wrong with them is said there
        preflight.value = await sendTestPicture(sent, codec(), offer => readiness.line(id, mine, offer), () => readiness.lineResult(id, mine))
      }
    }
  }

  const take = (name: CheckName) => byKit.value && FROM_KIT.includes(name) ? readSource(name === 'line' || name === 'uplink' ? 1 : SOURCE_READINGS) : step(name)

  async function readSource(readings: number): Promise<void> {
    for (let n = 0; n < readings; n += 1) {
      if (n > 0) await new Promise((resolve) => { setTimeout(resolve, 1_000) })
      preflight.value = await readiness.source(lessonId(), preflight.value?.id ?? '')
    }
  }

  /** A person heard the tone, or did not. */
  async function heard(yes: boolean): Promise<void> {
    asking.value = false
    if (!yes || !preflight.value) return
    const { id } = preflight.value
    const before = check('speaker')?.values.heard_db ?? 0
    await attempt('speaker', async () => { preflight.value = await readiness.found(lessonId(), id, 'speaker', { heard_db: before, confirmed: true }) })
  }

  async function sign(name: string, reason: string): Promise<void> {
    if (!preflight.value || busy.value) return
    signing.value = true
    failed.value = null
    try {
      preflight.value = await readiness.sign(lessonId(), preflight.value.id, name, reason)
    } catch (error) {
      failed.value = sentence(error)
    } finally {
      signing.value = false
    }
  }

  return { preflight, running, failed, asking, busy, byKit, check, open, runAll, runOne, heard, sign }
}
