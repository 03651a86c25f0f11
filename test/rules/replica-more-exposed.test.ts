import { expect, test } from 'vitest';
import { replicaMoreExposed } from '../../shared/rules/replica-more-exposed.ts';
import {
  AZURE,
  exposure,
  type Given,
  judge,
  ranges,
  server,
  unreadable,
  value,
  verdicts,
} from '../builders.ts';

const replica = { sourceId: server('MF', 'main').id };
const off: Given = { pna: 'Disabled' };

test.each<{ when: string; source: Given; given: Given; gives: string }>([
  {
    when: 'the source closed, the replica limited',
    source: off,
    given: { fw: ['203.0.113.5'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'both limited, to other addresses',
    source: { fw: ['203.0.113.5'] },
    given: { fw: ['203.0.113.6'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'both limited, the replica to some of them',
    source: { fw: ['203.0.113.0-203.0.113.9'] },
    given: { fw: ['203.0.113.5'] },
    gives: 'PASS',
  },
  {
    when: 'both limited, the replica to private addresses beside',
    source: { fw: ['203.0.113.5'] },
    given: { fw: ['203.0.113.5', '10.0.0.1'] },
    gives: 'PASS',
  },
  {
    when: 'the replica admits Azure as well',
    source: { fw: ['203.0.113.5'] },
    given: { fw: ['203.0.113.5', AZURE] },
    gives: 'OPEN Medium',
  },
  { when: 'both closed', source: off, given: off, gives: 'PASS' },
  { when: 'the source open, the replica closed', source: { fw: ['203.0.113.5'] }, given: off, gives: 'PASS' },
  {
    when: 'the source unknown',
    source: { pna: undefined },
    given: { fw: ['203.0.113.5'] },
    gives: 'UNKNOWN',
  },
  { when: 'the replica unknown', source: off, given: { pna: undefined }, gives: 'UNKNOWN' },
  {
    when: 'a malformed rule on the replica',
    source: off,
    given: { fw: ['203.0.113.5', 'x'] },
    gives: 'UNKNOWN',
  },
])('$when: $gives', ({ source, given, gives }) => {
  expect(verdicts(replicaMoreExposed, { ...given, replica }, { source: value(exposure(source)) })).toEqual([
    gives,
  ]);
});

test('the finding shows both paths and what the replica adds', () => {
  const around = { source: value(exposure({ fw: ['203.0.113.5'] })) };
  const [finding] = judge(replicaMoreExposed, { fw: ['203.0.113.5-203.0.113.6'], replica }, around);
  expect(finding).toMatchObject({
    violation: {
      evidence: {
        path: 'limited',
        sourcePath: 'limited',
        source: replica.sourceId,
        added: 1,
        addedRanges: ['203.0.113.6'],
      },
      ranges: ranges('203.0.113.6'),
    },
  });
});

test('a server that is no replica passes without a source', () => {
  expect(verdicts(replicaMoreExposed, { fw: ['203.0.113.5'] })).toEqual(['PASS']);
});

test('an unreadable source, or one that is not named, is unknown', () => {
  expect(verdicts(replicaMoreExposed, { replica }, { source: unreadable() })).toEqual(['UNKNOWN']);
  expect(
    verdicts(replicaMoreExposed, { replica: { sourceId: null } }, { source: value(exposure(off)) }),
  ).toEqual(['UNKNOWN']);
});
