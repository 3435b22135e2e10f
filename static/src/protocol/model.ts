/** The shapes of docs/protocol.md, version 1, as they travel. */

export type Role =
  | 'system_admin' | 'security_admin' | 'audit_admin' | 'school_admin'
  | 'director' | 'lecturer' | 'secretary' | 'venue_operator' | 'member'

export interface Named { id: string, name: string }

export interface Me {
  account_id: string
  name: string
  number: string
  kind: 'person' | 'device'
  member_id: string | null
  unit: Named | null
  venue: Named | null
  roles: { role: Role, unit_id: string }[]
  home: string
}

export interface Info {
  product: string
  version: string
  organisation: string
  language: string
  notice: string
  notice_en: string
}

export interface Unit {
  id: string
  parent_id: string | null
  name: string
  kind: 'committee' | 'general_branch' | 'branch'
  members: number
}

export interface Venue { id: string, name: string, unit_id: string, room: string, seats: number }
export interface Lecturer { account_id: string, name: string }

export type LessonState =
  | 'draft' | 'scheduled' | 'open' | 'live' | 'ended' | 'settled' | 'archived' | 'cancelled'
export type LessonEvent = 'schedule' | 'open' | 'start' | 'end' | 'cancel' | 'reopen_draft'
export type May =
  | 'read' | 'run' | 'publish_main' | 'publish_venue' | 'edit' | 'watch' | 'board' | 'assist' | 'quiz' | 'settle'
export type Part = 'main' | 'branch'
export type SlotName = 'camera' | 'screen'

export interface LessonVenue { id: string, venue: Named, part: Part, source: string }

export interface Lesson {
  id: string
  title: string
  unit: Named
  lecturer: Lecturer | null
  state: LessonState
  starts_at: string
  ends_at: string
  opened_at: string | null
  live_at: string | null
  ended_at: string | null
  recorded: boolean
  video_codec: 'H264' | 'VP8'
  venues: LessonVenue[]
  version: number
  may: May[]
  my_venue: string | null
}

export interface LessonDraft {
  title: string
  unit_id: string
  lecturer_id?: string | null
  starts_at: string
  ends_at: string
  recorded: boolean
  venues: { venue_id: string, part: Part }[]
}

export interface StageSource {
  source: string
  label: string
  connected: boolean
  has_video: boolean
  has_audio: boolean
  video_codec: string | null
  bitrate_bps: number
  loss: number
  audio_level_dbov: number
}

export interface StageVenue {
  id: string
  name: string
  part: Part
  source: string
  online: boolean
  microphone: 'muted' | 'ready' | null
}

export type RecordingState = 'off' | 'running' | 'paused' | 'finished'
export interface Alarm { code: string, text: string, text_en: string, since: string }

export interface Stage {
  lesson_id: string
  seq: number
  state: LessonState
  slots: Record<SlotName, string | null>
  opened_audio: string[]
  on_air_venue: string | null
  sources: StageSource[]
  venues: StageVenue[]
  viewers: number
  online: number
  recording: { id: string, state: RecordingState, duration_ms: number } | null
  alarms: Alarm[]
  media_ok: boolean
}

export interface LessonLogEvent {
  seq: number
  at: string
  kind: string
  data: Record<string, unknown>
}

export interface Ticket { url: string, token: string, expires_at: string }
export interface SocketTicket { ticket: string, expires_at: string }
/** `renew_after_s`: ask for the next addresses after so many seconds; the device's own clock may be wrong. */
export interface Playlists { camera: string, screen: string | null, expires_at: string, renew_after_s?: number, duration_ms?: number }

export interface Recording {
  id: string
  lesson_id: string
  title: string
  state: 'running' | 'paused' | 'finished'
  started_at: string | null
  duration_ms: number
  bytes: number
  recovered: boolean
  gaps_ms: number
}

export interface Page<T> { items: T[], next_cursor: string | null }
export type Face = 'phone' | 'venue' | 'desk' | 'console' | 'board'
