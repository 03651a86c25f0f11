import { describe, expect, test } from 'vitest';
import { commandLines, remedyOf } from '../../shared/report/remedy.ts';

describe('remedyOf', () => {
  test.each([
    { when: 'a fix alone', text: 'Remove the rule.', fix: 'Remove the rule.', command: '' },
    { when: 'a command after it', text: 'Remove it. az mysql up', fix: 'Remove it.', command: 'az mysql up' },
    {
      when: 'a command on its own line',
      text: 'Remove it.\naz a b\naz c d',
      fix: 'Remove it.',
      command: 'az a b\naz c d',
    },
    { when: 'a command in backticks', text: 'Remove it: `az a b`', fix: 'Remove it:', command: 'az a b' },
    { when: 'a command alone', text: 'az a b', fix: '', command: 'az a b' },
    { when: 'a word that ends in az', text: 'Ask Aaz now.', fix: 'Ask Aaz now.', command: '' },
    { when: 'nothing', text: '', fix: '', command: '' },
  ])('$when', ({ text, fix, command }) => {
    expect(remedyOf(text)).toStrictEqual({ fix, command });
  });
});

describe('commandLines', () => {
  test.each([
    { when: 'none', command: '', lines: [] },
    { when: 'several', command: 'az a\naz b', lines: ['az a', 'az b'] },
    {
      when: 'a line feed inside of a name',
      command: "az a --name 'x\nrm -rf /'",
      lines: ["az a --name 'x\nrm -rf /'"],
    },
  ])('$when', ({ command, lines }) => {
    expect(commandLines(command)).toStrictEqual(lines);
  });
});
