import { expect, test } from 'vitest';
import { TOO_MANY_FINDINGS } from '../../shared/lifecycle/fold.ts';
import { tooManyFindings } from '../../shared/rules/too-many-findings.ts';
import { ANY, verdicts } from '../builders.ts';

test('one reading alone says nothing: it is made where all findings of a server are known', () => {
  expect(verdicts(tooManyFindings, { fw: [ANY] })).toEqual(['N/A']);
});

test('it is the rule that folding speaks of', () => {
  expect(tooManyFindings).toMatchObject({ id: TOO_MANY_FINDINGS, subject: 'server', category: 'monitor' });
});
