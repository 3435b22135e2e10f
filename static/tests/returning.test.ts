import { describe, expect, test } from 'vitest'
import { Returning } from '@/protocol/returning'
import type { Ticket } from '@/protocol/model'
import { Refusal } from '@/protocol/problem'

function school(answer: Partial<Ticket> = { return_token: 'again' }) {
  let asked = 0
  const returning = new Returning(() => {
    asked += 1
    return Promise.resolve({ url: '/whep/l/programme', token: `fresh ${asked}`, expires_at: '', ...answer })
  })
  return { returning, tokens: async (times: number) => { const found = []; for (let n = 0; n < times; n += 1) { found.push((await returning.next()).token); returning.worked() } return found } }
}

describe('a ticket for coming back', () => {
  test('one ticket is asked for, and every later dial that follows a success uses the kept one', async () => {
    expect(await school().tokens(4)).toEqual(['fresh 1', 'again', 'again', 'again'])
  })

  test('one that did not open anything is not tried twice', async () => {
    const { returning } = school()
    const first = await returning.next()
    const kept = await returning.next()
    const after = await returning.next()
    expect([first.token, kept.token, after.token]).toEqual(['fresh 1', 'again', 'fresh 2'])
    expect((await returning.next()).token).toBe('again')
  })

  test('a server that is busy gets the kept one again, and one that refuses it is asked for another', async () => {
    const { returning } = school()
    await returning.next()
    await returning.next()
    returning.failed(new Refusal({ code: 'busy', status: 503, title: '', title_en: '' }))
    expect((await returning.next()).token).toBe('again')
    returning.failed(new Refusal({ code: 'ticket_invalid', status: 401, title: '', title_en: '' }))
    expect((await returning.next()).token).toBe('fresh 2')
  })

  test('a dial that nobody answered says nothing against it', async () => {
    const { returning } = school()
    await returning.next()
    await returning.next()
    returning.failed(new DOMException('', 'AbortError'))
    expect((await returning.next()).token).toBe('again')
  })

  test('a server that gives none is asked each time', async () => {
    expect(await school({}).tokens(2)).toEqual(['fresh 1', 'fresh 2'])
  })
})
