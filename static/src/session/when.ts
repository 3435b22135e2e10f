/** Times and lengths as people read them. Instants come as RFC 3339 in UTC and are shown in this device's zone. */

import { i18n } from '@/strings'

export { hoursText as credit } from '@/protocol/hours'

const tag = () => i18n.global.locale.value === 'en' ? 'en-GB' : 'zh-CN'

export function day(iso: string): string {
  return new Intl.DateTimeFormat(tag(), { month: 'long', day: 'numeric', weekday: 'short' }).format(new Date(iso))
}

export function fullDay(iso: string): string {
  return new Intl.DateTimeFormat(tag(), { year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(iso))
}

/** The day here, as rules and forms write it: YYYY-MM-DD. */
export function today(nowMs: number): string {
  const at = new Date(nowMs)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

export function clock(at: string | number, seconds = false): string {
  return new Intl.DateTimeFormat(tag(), {
    hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23',
  }).format(new Date(at))
}

/** The times stay on one line: word joiners (U+2060) around the dash. */
export function span(from: string, to: string): string {
  return `${day(from)} ${clock(from)}\u2060–\u2060${clock(to)}`
}

/** 37 s → 00:37, 3,725 s → 1:02:05. */
export function length(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`
}

/** "2 天 3 小时", "12 分钟", "不到 1 分钟": as precise as it is useful. */
export function until(ms: number): string {
  const { t } = i18n.global
  const minutes = Math.floor(Math.max(0, ms) / 60_000)
  if (minutes < 1) return t('time.moment')
  if (minutes < 60) return t('time.minutes', { n: minutes })
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return t('time.hours', { h: hours, m: minutes % 60 })
  return t('time.days', { d: Math.floor(hours / 24), h: hours % 24 })
}

/** Room on a disk, at a glance. */
export function free(bytes: number): string {
  if (bytes >= 10e12) return `${(bytes / 1e12).toFixed(0)} TB`
  return bytes < 10e9 ? `${(Math.floor(bytes / 1e8) / 10).toFixed(1)} GB` : `${Math.floor(bytes / 1e9)} GB`
}

export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(0, Math.round(bytes / 1000))} KB`
  return bytes < 1_000_000_000 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}
