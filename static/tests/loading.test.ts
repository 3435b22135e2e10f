/** Pages of a reading: in order, and never of a reading that was begun anew. */
import { describe, expect, it } from 'vitest'
import { useLoading, useRows } from '@/faces/manage/loading'

interface Rows { items: string[], next_cursor: string | null }
const page = (items: string[], next_cursor: string | null = null): Rows => ({ items, next_cursor })

function lists() {
  let filter = 'a'
  const later: ((rows: Rows) => void)[] = []
  const loading = useLoading(() => Promise.resolve(page([`${filter}1`], '1')))
  const pages = useRows<string>(loading, () => new Promise<Rows>((resolve) => { later.push(resolve) }))
  return { loading, pages, later, filter: (now: string) => { filter = now } }
}

describe('pages after the first', () => {
  it('follow it', async () => {
    const { loading, pages, later } = lists()
    await loading.load()
    const asked = pages.more()
    later[0]?.(page(['a2']))
    await asked
    expect([pages.rows.value, pages.next.value]).toEqual([['a1', 'a2'], null])
  })

  it('are dropped when they come for a filter that was left', async () => {
    const { loading, pages, later, filter } = lists()
    await loading.load()
    const asked = pages.more()
    filter('b')
    const anew = loading.load()
    later[0]?.(page(['a2']))
    await asked
    await anew
    expect([pages.rows.value, pages.next.value]).toEqual([['b1'], '1'])
  })

  it('come once, however often they are asked for', async () => {
    const { loading, pages, later } = lists()
    await loading.load()
    const both = [pages.more(), pages.more()]
    later.forEach((answer) => { answer(page(['a2'], '2')) })
    await Promise.all(both)
    expect([pages.rows.value, pages.next.value]).toEqual([['a1', 'a2'], '2'])
  })
})
