import { expect, test } from 'vitest'
import { markdownTable } from '../../dev/checks/markdown-table.ts'
import { type AboutFault, NEEDS, type Range, SHORT_MS } from './faults/fault.ts'
import { FAULTS } from './faults/index.ts'
import { HABITS } from './plans/habits.ts'
import { RIVALS } from './plans/rivals.ts'

const secondsOf = ({ min, max }: Range): string => `${min / 1_000} to ${max / 1_000} s`

const lasts = ({ isMomentary, lastsMs = SHORT_MS }: AboutFault): string => (isMomentary ? '' : secondsOf(lastsMs))

const needs = ({ needs: all = [] }: Pick<AboutFault, 'needs'>): string => all.map((need) => `\`${need}\``).join(', ')

const CATALOGUE = `# What goes wrong

Made of the registries \`faults/index.ts\`, \`plans/rivals.ts\` and \`plans/habits.ts\`; \`npx vitest run
test/chaos/catalogue.test.ts -u\` writes it anew.

## Faults

One without a duration is over at once. Milestones are those of the sequence that it waits for, as the
[README](README.md) tells them; where there are none it strikes at any.

${markdownTable(
  ['fault', 'what happens', 'lasts', 'strikes at', 'needs'],
  FAULTS.map((fault: AboutFault) => [
    ...[`\`${fault.name}\``, fault.what, lasts(fault)],
    ...[(fault.harmsAt ?? []).join(', '), needs(fault)],
  ]),
)}

${markdownTable(
  ['need', 'what it means'],
  Object.entries(NEEDS).map(([need, meaning]) => [`\`${need}\``, meaning]),
)}

## Rivals

${markdownTable(
  ['rival', 'what it does', 'needs'],
  RIVALS.map((rival) => [`\`${rival.name}\``, rival.what, needs(rival)]),
)}

## Habits

Of a group an endpoint has one at most.

${markdownTable(
  ['habit', 'what every endpoint does', 'group'],
  HABITS.map(({ name, what, group = '' }) => [`\`${name}\``, what, group]),
)}
`

test('the catalogue says what the registries say', async () => {
  await expect(CATALOGUE).toMatchFileSnapshot('catalogue.md')
})
