import { Command } from 'commander'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../client/commands/index.ts'
import { addCommonOptions } from '../../client/options.ts'
import { markdownTable } from '../../dev/checks/markdown-table.ts'

const help = new Command().createHelp()

/** Lists the subcommands instead of a command that has some, each with all of its name. */
const leaves = (command: Command, path = 'zkpow'): { path: string; command: Command }[] =>
  command.commands.length === 0
    ? [{ path, command }]
    : command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`))

const program = addCommonOptions(new Command('zkpow'))
for (const command of COMMANDS) program.addCommand(command())
const all = leaves(program)

type Leaf = (typeof all)[number]

const argumentsOf = ({ command }: Leaf) => command.registeredArguments.map((one) => `<${help.argumentTerm(one)}>`)

const must = ({ command }: Leaf) => command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags)

const takenBy = ({ path, command }: Leaf): string[][] => [
  ...command.registeredArguments.map((one) => [path, `<${help.argumentTerm(one)}>`, help.argumentDescription(one)]),
  ...command.options.map((one) => [path, one.flags, help.optionDescription(one)]),
]

/** Writes a row whose first cells are what is typed, and whose last one is words. */
const row = (cells: readonly string[]): string[] =>
  cells.map((cell, i) => (i < cells.length - 1 ? `\`${cell}\`` : cell.replaceAll('<', '\\<')))

const REFERENCE = `# Commands

Made of the commands themselves; \`npx vitest run test/client/commands.test.ts -u\` writes it anew. The tasks of an
operator, beside this page, say when which of them is of use.

${markdownTable(
  ['command', 'what it does'],
  all.map((one) => row([[one.path, ...argumentsOf(one), ...must(one)].join(' '), one.command.description()])),
)}

## Arguments and options

${markdownTable(
  ['command', 'argument or option', 'what it is'],
  [...takenBy({ path: 'zkpow <command>', command: program }), ...all.flatMap(takenBy)].map(row),
)}
`

test("the operator's guide lists commands, arguments and options as the program has them", async () => {
  await expect(REFERENCE).toMatchFileSnapshot('../../docs/operate/commands.md')
})
