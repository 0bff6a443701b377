import { describe, expect, it } from 'vitest'
import { PayloadCodec } from '../../src/schema/index.js'

const codec = new PayloadCodec([])
const sizeOf = (error: Error) => JSON.stringify(codec.encode(error)).length

/** An error with `n` causes behind it, set as a program does that was written before `cause` was an option. */
function chain(n: number): Error {
  const first = new Error('0')
  let last: Error = first
  for (let i = 1; i <= n; i++) {
    const cause = new Error(String(i))
    last.cause = cause
    last = cause
  }
  return first
}

describe('an error that is stored', () => {
  it('takes as much as its causes, up to eight of them, however they were set', () => {
    expect(sizeOf(chain(16))).toBe(sizeOf(chain(100)))
    expect(sizeOf(chain(4))).toBeLessThan(2.5 * sizeOf(chain(2)))
    const restored = codec.decode(codec.encode(chain(3))) as Error
    expect((((restored.cause as Error).cause as Error).cause as Error).message).toBe('3')
  })

  it('may be its own cause, or the cause of its cause', () => {
    const own = new Error('own')
    own.cause = own
    const [one, other] = [new Error('one'), new Error('other')]
    one.cause = other
    other.cause = one
    expect(codec.decode(codec.encode(own))).toMatchObject({ message: 'own' })
    const restored = codec.decode(codec.encode(one)) as Error
    expect((restored.cause as Error).message).toBe('other')
  })

  it('keeps of errors in its fields what they say', () => {
    const error = Object.assign(new Error('outer'), { inner: new Error('inner'), all: [new Error('a')], status: 503 })
    Object.assign(error.inner, { back: error, detail: 1 })
    const restored = codec.decode(codec.encode(error)) as typeof error
    expect(restored).toMatchObject({ status: 503, inner: { message: 'inner' }, all: [{ message: 'a' }] })
    expect(restored.inner).not.toHaveProperty('detail')
  })
})
