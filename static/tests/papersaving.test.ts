import { describe, expect, it } from 'vitest'
import type { Quiz } from '@/protocol/model'
import { frontOf, savesItself } from '@/protocol/paperrun'
import { PaperSaving } from '@/protocol/papersaving'
import { NOTHING_SENT, viewOf } from '@/protocol/sheet'

/** A server that takes each save when it is told to. */
function line() {
  const sent: string[] = []
  const answers: ((taken: boolean) => void)[] = []
  const saving = new PaperSaving({ send: (id, choice) => { sent.push(`${id} ${choice.join()}`); return new Promise((resolve) => { answers.push(resolve) }) } })
  const settle = async (taken = true) => { answers.shift()?.(taken); await Promise.resolve(); await Promise.resolve() }
  return { sent, saving, settle }
}

describe('a paper that saves itself', () => {
  it('sends one mark of a question at a time, and the newest after it', async () => {
    const { sent, saving, settle } = line()
    saving.mark('q', ['a'])
    const done = saving.save('q')
    saving.mark('q', ['b'])
    saving.mark('q', ['c'])
    void saving.save('q')
    expect(sent).toEqual(['q a'])
    await settle()
    expect(sent).toEqual(['q a', 'q c'])
    await settle()
    expect(await done).toBe(true)
    expect(saving.waiting).toBe(0)
  })

  it('keeps what did not get through, and sends it again with everything else', async () => {
    const { sent, saving, settle } = line()
    saving.mark('q', ['a'])
    const first = saving.save('q')
    await settle(false)
    expect(await first).toBe(false)
    expect(saving.has('q')).toBe(true)
    saving.mark('r', ['b'])
    const all = saving.saveAll()
    await settle()
    await settle()
    expect(await all).toBe(true)
    expect(sent).toEqual(['q a', 'q a', 'r b'])
  })

  it('says that something waits still when one of them was refused', async () => {
    const { saving, settle } = line()
    saving.mark('q', ['a'])
    saving.mark('r', ['b'])
    const all = saving.saveAll()
    await settle()
    await settle(false)
    expect(await all).toBe(false)
  })
})

describe('a paper that was handed in', () => {
  const ask = (number: number, handed: string | null): Quiz => ({
    id: `q${number}`, lesson_id: 'l', question_id: '', number, kind: 'single', text: '', options: [], seconds: 300, launched_at: '', deadline_at: '',
    closed_at: null, server_time: '', my_choice: null, answered: null, expected: null, result: null, keep: 'last',
    run: { id: 'run', name: '', place: number, size: 2, handed_in_at: handed },
  })
  it('waits for nothing and cannot be answered', () => {
    expect(viewOf(ask(1, 'then'), NOTHING_SENT, false)).toBe('handed')
    expect(frontOf([ask(1, 'then'), ask(2, 'then')])?.id).toBe('q1')
    expect(savesItself(ask(1, null))).toBe(true)
  })
})
