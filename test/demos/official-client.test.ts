import OpenAI from 'openai'
import { expect, it } from 'vitest'

it('is of the major version that these tests are about', () => {
  const major = process.env['OPENAI_MAJOR'] ?? '6'
  expect(new OpenAI({ apiKey: 'none' })['getUserAgent']()).toMatch(new RegExp(` ${major}\\.\\d+\\.`))
})
