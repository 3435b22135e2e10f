import { describe, expect, test } from 'vitest'
import type { Attendance, Quiz, SignIn } from '@/protocol/model'
import { codeDigits, tokenOf } from '@/protocol/scanned'
import { actionOf, awaitedInVenue, concerns, inVenue, standingOf } from '@/session/action'

const signIn = (over: Partial<SignIn> = {}): SignIn => ({
  lesson_id: 'l', member_id: 'm', at: '2026-11-22T00:52:00Z', way: 'qr', lesson_venue_id: 'lv1', venue_name: '一号厅', late: false, ...over,
})
const own = (over: Partial<Attendance> = {}): Attendance => ({ expected: true, lesson_venue: null, added: false, sign_in: null, sign_in_open: true, ...over })
const quiz = { id: 'q' } as Quiz
const world = { attendance: own({ sign_in: signIn() }), quiz: null, view: null, sheetOpen: false, seen: false } as const

describe('the one action', () => {
  test('signing in: one tap on the phone, the ways of a room for who is expected there', () => {
    expect(actionOf({ ...world, attendance: own() })).toBe('sign-in-phone')
    expect(actionOf({ ...world, attendance: own({ lesson_venue: { id: 'lv1', name: '一号厅' } }) })).toBe('sign-in-venue')
    expect(actionOf({ ...world, attendance: own({ expected: false, added: true }) })).toBe('sign-in-phone')
  })

  test('nobody is asked twice, nor before it opens, nor who is not expected, nor while nothing is known', () => {
    for (const attendance of [own({ sign_in: signIn() }), own({ sign_in_open: false }), own({ expected: false }), null]) {
      expect(actionOf({ ...world, attendance })).toBe('none')
    }
  })

  test('a running question goes before signing in, and not while its sheet is up', () => {
    expect(actionOf({ ...world, attendance: own(), quiz, view: 'choose' })).toBe('answer')
    expect(actionOf({ ...world, quiz, view: 'failed' })).toBe('answer')
    expect(actionOf({ ...world, quiz, view: 'choose', sheetOpen: true })).toBe('none')
    expect(actionOf({ ...world, quiz, view: 'sent' })).toBe('none')
  })

  test('a new result is offered until it was seen', () => {
    expect(actionOf({ ...world, quiz, view: 'result' })).toBe('see-result')
    expect(actionOf({ ...world, quiz, view: 'result', seen: true })).toBe('none')
  })
})

describe('where somebody is', () => {
  test('in a room after signing in there; a phone viewer is not', () => {
    expect(inVenue(own({ sign_in: signIn() }))).toBe(true)
    expect(inVenue(own({ sign_in: signIn({ lesson_venue_id: null, way: 'phone' }) }))).toBe(false)
    expect(inVenue(own({ lesson_venue: { id: 'lv1', name: '一号厅' } }))).toBe(false)
    expect(inVenue(null)).toBe(false)
  })

  test('awaited in a room until signed in, wherever', () => {
    const there = { id: 'lv1', name: '一号厅' }
    expect(awaitedInVenue(own({ lesson_venue: there }))).toBe(true)
    expect(awaitedInVenue(own({ lesson_venue: there, sign_in: signIn({ lesson_venue_id: null }) }))).toBe(false)
    expect(awaitedInVenue(own())).toBe(false)
    expect(awaitedInVenue(null)).toBe(false)
  })
})

describe('a room that broke down', () => {
  const [from, to] = [{ id: 'lv1', name: '一号厅' }, { id: 'lv2', name: '二号厅' }]
  const coming = own({ lesson_venue: to, moved_from: from, sign_in: signIn({ lesson_venue_id: null, arriving: to }) })
  const event = (kind: string, place: string) => ({ seq: 1, at: '', kind, data: { lesson_venue_id: place } })

  test('moved to another one: awaited there, and its code is the one thing to do', () => {
    expect(inVenue(coming)).toBe(false)
    expect(awaitedInVenue(coming)).toBe(true)
    expect(actionOf({ ...world, attendance: coming })).toBe('sign-in-venue')
    expect(actionOf({ ...world, attendance: { ...coming, sign_in_open: false } })).toBe('none')
  })

  test('moved to the phone: the picture is there, and nothing is asked of who has signed in', () => {
    const byPhone = own({ moved_from: from, sign_in: signIn({ lesson_venue_id: null }) })
    expect(inVenue(byPhone) || awaitedInVenue(byPhone)).toBe(false)
    expect(actionOf({ ...world, attendance: byPhone })).toBe('none')
  })

  test('only its people look again', () => {
    const there = [own({ sign_in: signIn() }), own({ lesson_venue: from })]
    for (const one of there) expect(concerns(event('venue.failed_over', 'lv1'), one)).toBe(true)
    for (const one of [...there, null]) expect(concerns(event('venue.failed_over', 'lv2'), one)).toBe(false)
    expect(concerns(event('venue.restored', 'lv1'), coming)).toBe(true)
    expect(concerns(event('venue.restored', 'lv1'), own())).toBe(false)
  })
})

test('the strip never claims what is not known', () => {
  expect(standingOf(null, 'live')).toBe('unknown')
  expect(standingOf(own({ sign_in: signIn() }), 'ended')).toBe('signed-in')
  expect(standingOf(own(), 'live')).toBe('missing')
  expect(standingOf(own({ sign_in_open: false }), 'scheduled')).toBe('not-open')
  expect(standingOf(own({ sign_in_open: false }), 'ended')).toBe('missed')
  expect(standingOf(own({ expected: false }), 'live')).toBe('guest')
  expect(standingOf(own({ expected: false, sign_in_open: false }), 'scheduled')).toBe('not-open')
})

describe('what a scanned code says', () => {
  const token = 'AbC-_0123456789abcdefghijklmnopqrstuvwxyzABC'.slice(0, 43)
  test('a sign-in address on any host', () => {
    expect(tokenOf(`https://school.example:8443/s/${token}`)).toBe(token)
    expect(tokenOf(` HTTPS://192.0.2.7/s/${token}\n`)).toBe(token)
  })

  test('nothing else', () => {
    for (const text of ['', token, `https://school.example/x/${token}`, `https://school.example/s/${token}x`, `https://school.example/s/${token}/more`, 'https://school.example/s/', `javascript:/s/${token}`, 'WIFI:S:x;;']) {
      expect(tokenOf(text), text).toBeNull()
    }
  })

  test('six digits, however typed', () => {
    expect(codeDigits('12 34-56')).toBe('123456')
    expect(codeDigits('１２３４５６')).toBe('123456')
    expect(codeDigits('1234567')).toBe('123456')
    expect(codeDigits('一二三')).toBe('')
  })
})
