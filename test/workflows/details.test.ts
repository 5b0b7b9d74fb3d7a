import { describe, expect, test } from 'vitest'
import { markdownList, markdownText } from '../../workflows/telling.ts'

// What the Web UI makes of the right side was seen with the renderer of Temporal's UI server 2.50.1 (gomarkdown, common
// extensions).
describe('text from outside', () => {
  test.each([
    {
      text: 'the stake is short (`zkpow stake pay_1 --to <coins>` raises it)',
      markdown: null,
      why: 'nothing shows but the command',
    },
    { text: '`a_b_c`, `*`, `[x]`', markdown: null, why: 'code holds anything' },
    { text: 'sequence-1_2 of *pay*', markdown: 'sequence-1\\_2 of \\*pay\\*', why: 'no emphasis' },
    { text: '~~gone~~ $1 and $2', markdown: '\\~\\~gone\\~\\~ \\$1 and \\$2', why: 'no strike-through, no formula' },
    {
      text: '[lift](https://e.example) <b>',
      markdown: '\\[lift\\](https\\://e.example) \\<b\\>',
      why: 'no link, no HTML',
    },
    {
      text: 'HTTP://e.example, mailto:a@e.example',
      markdown: 'HTTP\\://e.example, mailto\\:a@e.example',
      why: 'no bare link',
    },
    { text: '`https://e.example`', markdown: null, why: 'in code an address is none' },
    { text: 'a | b', markdown: 'a \\| b', why: 'no cell' },
    {
      text: '`a | *b*`',
      markdown: '\\`a \\| \\*b\\*\\`',
      why: 'a pipe may end a cell in code, too, and leave the rest bare',
    },
    { text: 'C:\\`a` and `b\\`', markdown: 'C:\\\\`a` and \\`b\\\\\\`', why: 'a backslash may hide a backtick' },
    { text: 'odd ` one, `*even*`', markdown: 'odd ` one, `\\*even\\*\\`', why: 'the first pair counts' },
    { text: 'alone ` *x*', markdown: 'alone \\` \\*x\\*', why: 'a backtick without another opens nothing' },
    { text: '``a `*x*` b``', markdown: '\\`\\`a `*x*` b\\`\\`', why: 'a longer fence is none' },
    { text: '```sh\n# *x*\n```', markdown: '\\`\\`\\`sh # \\*x\\* \\`\\`\\`', why: 'no block' },
    { text: '# a', markdown: '\\# a', why: 'no heading' },
    { text: '- a', markdown: '\\- a', why: 'no list in the list' },
    { text: '12. a', markdown: '12\\. a', why: 'no numbers in the list' },
    { text: '12 blocks left', markdown: null, why: 'a number is a number' },
  ])('$text: $why', ({ text, markdown }) => expect(markdownText(text)).toBe(markdown ?? text))

  test('is one line in a list', () => {
    expect(markdownList('Lines', ['a\n\n# b', '`c`'])).toBe('Lines\n\n- a # b\n- `c`')
  })
})
