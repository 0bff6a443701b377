import { expectTypeOf } from 'vitest'
import { Agent, AgentRunner, type OutputMode } from '../../src/agents/index.js'
import type { EventOfType } from '../../src/core/index.js'
import { makeUnion, OfType, RecordOf, setRecord, setType, Union } from '../../src/schema/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

@Union('kind', () => ({ circle: Circle, square: Square }))
abstract class Shape {
  abstract readonly kind: string
}
class Circle extends Shape {
  readonly kind = 'circle'
  radius = 0
}
class Square extends Shape {
  readonly kind = 'square'
  side = 0
}
class Other {
  name = ''
}

/** A property has to be able to hold what its decorator says. */
export class Board {
  @OfType([[Shape]]) rows!: Shape[][]
  @OfType([[Number]]) weights?: number[][]
  @OfType([() => Circle]) circles!: readonly Circle[] | null
  @OfType(String) mode!: 'a' | 'b'
  @RecordOf(Shape) byName!: Record<string, Shape>
  // @ts-expect-error a list of lists is no list
  @OfType([Other]) others!: Other[][]
  // @ts-expect-error a number is no string
  @OfType([String]) numbers!: number[]
  // @ts-expect-error the values are shapes
  @RecordOf(Other) shapes!: Record<string, number>
}

setType(Board, 'rows', [[Shape]])
setType(Board, 'weights', [[Number]])
setRecord(Board, 'byName', Shape)
// @ts-expect-error it has no such property
setType(Board, 'columns', [[Shape]])
// @ts-expect-error numbers are no shapes
setType(Board, 'rows', [[Number]])

makeUnion(Shape, 'kind', () => ({ circle: Circle }))
// @ts-expect-error a member of a union is of its type
makeUnion(Circle, 'kind', () => ({ other: Other }))

/** A union is an output like any other. */
const artist = new Agent({ client: new ScriptedModel([]), model: 'scripted', outputSchema: Shape, partialOutput: true })
expectTypeOf(AgentRunner.run(artist, 'x').then(({ output }) => output)).resolves.toEqualTypeOf<Shape>()
const gallery = new Agent({ client: new ScriptedModel([]), model: 'scripted', outputSchema: [Circle] })
expectTypeOf(AgentRunner.run(gallery, 'x').then(({ output }) => output)).resolves.toEqualTypeOf<Circle[]>()

/** What has arrived of an output is not validated, so its type is not known. */
expectTypeOf<EventOfType<'agent.partial'>['value']>().toEqualTypeOf<unknown>()
expectTypeOf(artist.outputMode).toEqualTypeOf<OutputMode>()
// @ts-expect-error there is no such mode
new Agent({ client: new ScriptedModel([]), model: 'scripted', outputMode: 'xml' })
