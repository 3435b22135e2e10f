/** What kept a page from opening at all, and how to try again. */

import { shallowRef } from 'vue'

export const trouble = shallowRef<{ error: unknown, again: () => void } | null>(null)
