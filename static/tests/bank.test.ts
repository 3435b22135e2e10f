import { describe, expect, it } from 'vitest'
import { BANK_KINDS, bankCalls, bankPaths, contentOf, emptyPlan, faultsOfPlan, markedRight, ofBankKind, picturePath, planOf, SCORINGS, shifted, trueFalseWords, type BankPlan } from '@/protocol/bank'
import { Rest } from '@/protocol/rest'
import { besideQuestion, pictureAt } from '@/protocol/shownpicture'
import en from '@/strings/bank/en'
import zh from '@/strings/bank/zh'

const WORDS = ['正确', '错误'] as const
const SHOWN = { sha256: 'ab'.repeat(32), alt: '红色的灭火器', width: 640, height: 480 }
const plan = (more: Partial<BankPlan>): BankPlan => ({ ...emptyPlan(), text: '火警电话是？', ...more })

describe('a question of the bank in its form', () => {
  it('sends options that were filled in, and the right ones keep what they pointed at', () => {
    const content = contentOf(plan({ options: ['110', '', ' 119 ', ''], correct: [2] }), WORDS)
    expect(content.options).toEqual(['110', '119'])
    expect(content.correct).toEqual([1])
  })

  it('sends nothing of what belongs to another kind', () => {
    const opinion = contentOf(ofBankKind(plan({ options: ['甲', '乙'], correct: [0], blanks: ['119'] }), 'opinion'), WORDS)
    expect([opinion.options, opinion.correct, opinion.blanks, opinion.scoring]).toEqual([[], [], [], 0])
    expect(contentOf(ofBankKind(plan({ correct: [1] }), 'true_false'), WORDS).options).toEqual(WORDS)
  })

  it('parts spellings of a blank by bars and tags by commas, each once', () => {
    const content = contentOf(ofBankKind(plan({ blanks: ['119 | 一一九｜119', ''], tags: '消防、 应急,消防' }), 'fill_in'), WORDS)
    expect(content.blanks).toEqual([['119', '一一九']])
    expect(content.tags).toEqual(['消防', '应急'])
  })

  it('comes back into its form as it was', () => {
    for (const kind of BANK_KINDS) {
      const content = contentOf(ofBankKind(plan({ options: ['甲', '乙'], correct: [1], blanks: ['119 | 一一九'], tags: '消防' }), kind), WORDS)
      expect(contentOf(planOf(content), WORDS)).toEqual(content)
    }
  })

  it('keeps its picture', () => {
    const content = contentOf(plan({ options: ['甲', '乙'], correct: [1], picture: SHOWN }), WORDS)
    expect(contentOf(planOf(content), WORDS).picture).toEqual(SHOWN)
    expect(picturePath({ lesson: 'l1' }, 'c1')).toBe('/api/v1/question-pictures?command_id=c1&lesson_id=l1')
    expect(pictureAt(besideQuestion.attempt('m1', 'a1'), SHOWN, 'phone')).toBe(`/api/v1/make-ups/m1/attempts/a1/picture?sha256=${SHOWN.sha256}&size=phone`)
  })

  it('leaves the options of true or false as they were when it is edited', () => {
    const turned = { ...contentOf(ofBankKind(plan({ correct: [1] }), 'true_false'), WORDS), options: ['错误', '正确'] }
    expect(contentOf(planOf(turned), trueFalseWords(turned, WORDS))).toEqual(turned)
    expect(trueFalseWords({ ...turned, kind: 'single' }, WORDS)).toEqual(WORDS)
    expect(trueFalseWords(null, WORDS)).toEqual(WORDS)
  })

  it('is marked in the usual way of its kind', () => {
    for (const kind of BANK_KINDS) expect(ofBankKind(plan({ scoring: 3 }), kind).scoring).toBe(SCORINGS[kind][0])
  })

  it('names what is missing', () => {
    expect(faultsOfPlan({ ...emptyPlan(), seconds: 1 })).toEqual({ text: 'needText', options: 'needOptions', seconds: 'badSeconds' })
    expect(faultsOfPlan(plan({ options: ['甲', '甲'], correct: [0] }))).toEqual({ options: 'sameOptions' })
    expect(faultsOfPlan(plan({ options: ['甲', '乙'] }))).toEqual({ options: 'needCorrect' })
    expect(faultsOfPlan(ofBankKind(plan({ blanks: [' '] }), 'fill_in'))).toEqual({ blanks: 'needBlank' })
    expect(faultsOfPlan(ofBankKind(plan({ blanks: ['', '120'] }), 'fill_in'))).toEqual({ blanks: 'gapBlank' })
    expect(faultsOfPlan(ofBankKind(plan({ blanks: ['119', '120', ''] }), 'fill_in'))).toEqual({})
    expect(faultsOfPlan(ofBankKind(plan({ blanks: ['甲；乙'] }), 'fill_in'))).toEqual({ blanks: 'badBlank' })
    expect(faultsOfPlan({ ...ofBankKind(plan({}), 'opinion'), picture: { ...SHOWN, alt: ' ' } })).toEqual({ picture: 'needAlt' })
    const three = ofBankKind(plan({ text: '火警____，急救＿＿。', blanks: ['119', '120', '122'] }), 'fill_in')
    expect(faultsOfPlan(three)).toEqual({ blanks: 'otherBlanks' })
    expect(faultsOfPlan({ ...three, blanks: ['119', '120', ''] })).toEqual({})
    expect(faultsOfPlan(ofBankKind(plan({ tags: '长'.repeat(21) }), 'opinion'))).toEqual({ tags: 'badTags' })
    expect(faultsOfPlan(ofBankKind(plan({}), 'word_cloud'))).toEqual({})
  })

  it('marks one option, or several where several may be right', () => {
    expect(markedRight(plan({ correct: [0] }), 1)).toEqual([1])
    expect(markedRight(plan({ kind: 'multiple', correct: [2] }), 0)).toEqual([0, 2])
    expect(markedRight(plan({ kind: 'multiple', correct: [0, 2] }), 0)).toEqual([2])
  })

  it('moves an option a place, and no further than the ends', () => {
    expect(shifted(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
    expect(shifted(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'c', 'b'])
    expect(shifted(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
    expect(shifted(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
  })
})

it('is done once when an answer got lost on its way', async () => {
  const sent: string[] = []
  const fetch = ((_: string, init: RequestInit) => {
    sent.push((JSON.parse(init.body as string) as { command_id: string }).command_id)
    return sent.length % 2 ? Promise.reject(new TypeError('network')) : Promise.resolve(new Response('{"items":[]}'))
  }) as typeof globalThis.fetch
  const calls = bankCalls(new Rest({ fetch, pause: () => Promise.resolve() }))
  await calls.add('unit', contentOf(plan({ options: ['甲', '乙'], correct: [0] }), WORDS))
  await calls.retire('one', true)
  await calls.take('lesson', ['one'], 'the-same')
  expect(sent[0]).toBe(sent[1])
  expect(sent[2]).toBe(sent[3])
  expect(sent.slice(4)).toEqual(['the-same', 'the-same'])
})

it('asks for what is narrowed, without what is empty', () => {
  expect(bankPaths.export({ q: '消防', tag: '', kind: 'single' })).toBe(`/api/v1/bank-export?q=${encodeURIComponent('消防')}&kind=single`)
})

it('has each word in both languages', () => {
  const keys = (words: object): string[] => Object.entries(words).flatMap(([name, value]) => typeof value === 'string' ? [name] : keys(value as object).map(each => `${name}.${each}`))
  expect(keys(en)).toEqual(keys(zh))
})
