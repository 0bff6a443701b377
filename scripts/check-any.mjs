// Every `any` needs its reason on the same line: `// any: why`. Arguments name other folders to check than src.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const roots = process.argv.length > 2 ? process.argv.slice(2) : ['src']
const files = roots.filter(existsSync).flatMap(root =>
  readdirSync(root, { recursive: true })
    .map(file => join(root, String(file)))
    .filter(file => /\.[cm]?ts$/.test(file)),
)
if (files.length === 0) {
  console.error(`No TypeScript file in ${roots.join(', ')}: the check proves nothing.`)
  process.exit(2)
}

let reasoned = 0
const unexplained = []

for (const file of files) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  const lines = source.text.split('\n')
  const visit = node => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
      if (/\/\/ any: \S/.test(lines[line])) reasoned += 1
      else unexplained.push(`${file}:${line + 1}: ${lines[line].trim()}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
}

if (unexplained.length > 0) {
  console.error(
    `${unexplained.join('\n')}\n\n${unexplained.length} \`any\` without a reason; write \`// any: why\` on the line.`,
  )
  process.exit(1)
}
console.log(`Every any has its reason: ${reasoned} in ${files.length} files.`)
