/** The clips' calls with this page's session. */

import { Clips } from '@/protocol/clips'
import { rest } from './api'

export const clips = new Clips(rest)
