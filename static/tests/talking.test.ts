import { describe, expect, test } from 'vitest'
import { afterChange } from '@/session/talking'

describe('a talkback of this account', () => {
  test('is spoken into by the page where somebody pressed', () => { expect(afterChange('v', true, 'v')).toBe('speak') })
  test('that this tab began before it was reloaded is ended', () => { expect(afterChange('v', false, 'v')).toBe('end') })
  test('that another console of the account began is left alone', () => {
    expect(afterChange('v', false, null)).toBe('leave')
    expect(afterChange('v', false, 'another')).toBe('leave')
  })
  test('is over when the stage has none', () => { expect(afterChange(null, true, 'v')).toBe('over') })
})
