import { expect, test } from 'vitest';
import { retiredService } from '../../shared/rules/retired-service.ts';
import { BODY, evidenceOf, judge, verdicts } from '../builders.ts';

test.each([
  { when: 'a MySQL single server', family: 'MS' as const, retiredOn: '2024-09-16' },
  { when: 'a PostgreSQL single server', family: 'PS' as const, retiredOn: '2025-03-28' },
])('$when: OPEN High', ({ family, retiredOn }) => {
  expect(verdicts(retiredService, { family })).toEqual(['OPEN High']);
  expect(evidenceOf(retiredService, { family })).toMatchObject({ retiredOn });
});

test('it is never unknown', () => {
  expect(verdicts(retiredService, { family: 'MS', denied: BODY })).toEqual(['OPEN High']);
});

test.each(['MF', 'PF'] as const)('%s is not retired', (family) => {
  expect(judge(retiredService, { family })).toEqual([]);
});
