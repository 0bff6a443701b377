// An orchestration as a state of another one. It keeps its own rules; its events appear in the outer stream with a `path`.
import assert from 'node:assert/strict'
import {
  Advancer,
  JoinRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
  SubOrchestrationRunnable,
  sendTo,
} from 'advancer'
import { IsString } from 'class-validator'

class Chapter {
  @IsString() title!: string
  @IsString() text!: string
}

class Outline {
  @IsString({ each: true }) titles!: string[]
}

@Runnable({ input: String, output: Chapter })
class Writing extends OrchestrationRunnable<string, Chapter> {
  invoke(title: string): Chapter {
    return { title, text: `${title} is   a long story.` }
  }
}

@Runnable({ input: Chapter, output: Chapter })
class Editing extends OrchestrationRunnable<Chapter, Chapter> {
  invoke({ title, text }: Chapter): Chapter {
    return { title, text: text.replaceAll(/ +/g, ' ') }
  }
}

// A complete orchestration: it can be run and tested on its own.
@OrchestrationOptions({ input: String, output: Chapter, maxSteps: 10 })
class ChapterOrchestration extends Orchestration<string, Chapter> {
  constructor() {
    super()
    this.initialRunnable = new Writing().addAdvancer(Editing)
  }
}

// As a state it is a class like any other; what it takes and returns is what the orchestration declares.
class ChapterState extends SubOrchestrationRunnable<string, Chapter> {
  constructor() {
    super(new ChapterOrchestration())
  }
}

@Advancer({ sends: [ChapterState] })
class OneBranchPerChapter extends OrchestrationAdvancer<Outline> {
  getNextRunnable({ titles }: Outline) {
    return titles.map(title => sendTo(ChapterState, title))
  }
}

@Runnable({ input: String, output: Outline, advancers: [OneBranchPerChapter] })
class Outlining extends OrchestrationRunnable<string, Outline> {
  invoke(subject: string): Outline {
    return { titles: [`The birth of ${subject}`, `The fall of ${subject}`] }
  }
}

@Runnable({ input: Chapter, output: String })
class Binding extends JoinRunnable<Chapter, string> {
  join(chapters: readonly Chapter[]): string {
    return chapters.map(({ title, text }, index) => `${index + 1}. ${title}\n   ${text}`).join('\n')
  }
}

@OrchestrationOptions({ input: String, output: String })
class BookOrchestration extends Orchestration<string, string> {
  constructor() {
    super()
    this.initialRunnable = new Outlining()
    this.register(new ChapterState().addAdvancer(Binding))
  }
}

const alone = await new ChapterOrchestration().run('Alone')
assert.equal(alone.text, 'Alone is a long story.')

const run = new BookOrchestration().start('Rome')
const inner: string[] = []
run.on('state.completed', ({ path, stateName }) => {
  if (path !== undefined) inner.push([...path, stateName].join(' / '))
})
const book = await run.result
console.log(book)
console.log(inner.join('\n'))

assert.match(book, /^1\. The birth of Rome\n {3}The birth of Rome is a long story\.\n2\. The fall of Rome/)
assert.deepEqual(inner.toSorted(), [
  'ChapterState / Editing',
  'ChapterState / Editing',
  'ChapterState / Writing',
  'ChapterState / Writing',
])
