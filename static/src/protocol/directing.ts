/** The calls of the director's instruments (docs/protocol.md, section 4): not for phones, which need not load them. */

import type { Machine } from './source'
import type { DirectorNotice, Help, RollResult, Speech, Stage, Urgency } from './model'
import type { Rest } from './rest'

const path = (id: string, rest: string) => `/api/v1/lessons/${id}/${rest}`

export class Directing {
  constructor(private readonly rest: Rest) {}

  letSpeak = (id: string, venueId: string, speech: Speech) => this.rest.command<Stage>(path(id, 'speech'), { lesson_venue_id: venueId, speech })

  handOver = (id: string, desk: Machine) => this.rest.command<Stage>(path(id, 'desk'), { desk })

  talkTo = (id: string, venueId: string, confirmed: boolean) => this.rest.command<Stage>(path(id, 'talkback'), { lesson_venue_id: venueId, confirmed })
  talkEnd = (id: string, venueId: string, source: string | null) => this.rest.command<Stage>(path(id, 'talkback/end'), { lesson_venue_id: venueId, source })

  cut = (id: string) => this.rest.command<Stage>(path(id, 'cut'), {})
  endCut = (id: string) => this.rest.command<Stage>(path(id, 'cut/end'), {})
  standBy = (id: string, seconds: number, note: string) => this.rest.command<Stage>(path(id, 'standby'), { seconds, note })
  endStandby = (id: string) => this.rest.command<Stage>(path(id, 'standby/end'), {})

  startRollCall = (id: string) => this.rest.command<Stage>(path(id, 'roll-calls'), {})
  callVenue = (id: string, venueId: string) => this.rest.command<Stage>(path(id, 'roll-call/turn'), { lesson_venue_id: venueId })
  decideRoll = (id: string, venueId: string, result: RollResult) =>
    this.rest.command<Stage>(path(id, 'roll-call/result'), { lesson_venue_id: venueId, result })

  answerRollCall = (id: string) => this.rest.command<Stage>(path(id, 'roll-call/answer'), {})
  finishRollCall = (id: string) => this.rest.command<Stage>(path(id, 'roll-call/finish'), {})

  helps = async (id: string) => (await this.rest.json<{ items: Help[] }>('GET', path(id, 'helps'))).items
  askHelp = (id: string, urgency: Urgency, text: string) => this.rest.command<Help>(path(id, 'helps'), { urgency, text })
  answerHelp = (id: string, helpId: string, text: string) => this.rest.command<Help>(path(id, `helps/${helpId}/answer`), { text })
  closeHelp = (id: string, helpId: string) => this.rest.command<Help>(path(id, `helps/${helpId}/close`), {})

  notices = async (id: string) => (await this.rest.json<{ items: DirectorNotice[] }>('GET', path(id, 'notices'))).items
  sendNotice = (id: string, text: string) => this.rest.command<DirectorNotice>(path(id, 'notices'), { text })
  readNotice = (id: string, noticeId: string) => this.rest.command<DirectorNotice>(path(id, `notices/${noticeId}/read`), {})
}
