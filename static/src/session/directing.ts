/** The director's calls with this page's session. */

import { Directing } from '@/protocol/directing'
import { rest } from './api'

export const directing = new Directing(rest)
