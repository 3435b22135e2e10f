/** The calls of attendance over many lessons: they come with the page that makes them. */

import { asked, type AttendanceRecord, type AttendanceReport } from '@/protocol/attendance'
import { rest } from './api'

const PATH = '/api/v1/attendance'

export const attendance = {
  report: (query: object) => rest.json<AttendanceReport>('GET', `${PATH}?${asked(query)}`),
  records: (query: object) => rest.json<{ items: AttendanceRecord[], next_cursor: string | null }>('GET', `${PATH}/records?${asked(query)}`),
  /** Where the browser loads the file from. */
  file: (query: object) => `${PATH}/export?${asked(query)}`,
}
