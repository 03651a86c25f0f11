import { expect, test } from 'vitest';
import { replicaMoreExposed } from '../../shared/rules/replica-more-exposed.ts';
import {
  ANY,
  AZURE,
  exposure,
  type Given,
  judge,
  ranges,
  server,
  snapshot,
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
  {
    when: 'the source admits nobody, the replica a subnet',
    source: { family: 'MS' },
    given: { family: 'MS', vnet: ['web'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'the source admits a subnet, the replica nobody',
    source: { family: 'MS', vnet: ['web'] },
    given: { family: 'MS' },
    gives: 'PASS',
  },
  { when: 'the source closed, the replica open without rules', source: off, given: {}, gives: 'OPEN Medium' },
  {
    when: 'the source admits Azure, the replica fewer',
    source: { fw: ['203.0.113.0-203.0.114.0', AZURE] },
    given: { fw: ['203.0.113.0-203.0.114.0'] },
    gives: 'PASS',
  },
  {
    when: 'a closed replica with rules that would admit more',
    source: { fw: ['203.0.113.5'] },
    given: { ...off, fw: [ANY] },
    gives: 'PASS',
  },
  {
    when: 'both closed, a malformed rule on the replica',
    source: off,
    given: { ...off, fw: ['x'] },
    gives: 'PASS',
  },
  {
    when: 'both closed, a malformed rule on the source',
    source: { ...off, fw: ['x'] },
    given: off,
    gives: 'PASS',
  },
  {
    when: 'a closed replica with a malformed rule, the source open',
    source: { fw: ['203.0.113.5'] },
    given: { ...off, fw: ['x'] },
    gives: 'PASS',
  },
  {
    when: 'every address on both, a malformed rule on the replica',
    source: { fw: [ANY] },
    given: { fw: [ANY, 'x'] },
    gives: 'UNKNOWN',
  },
  {
    when: 'the Internet on both, a malformed rule on the source',
    source: { fw: ['0.0.0.0-191.255.255.255', 'x'] },
    given: { fw: [ANY] },
    gives: 'UNKNOWN',
  },
  {
    when: 'every address, a malformed rule on a source that is closed',
    source: { ...off, fw: ['x'] },
    given: { fw: [ANY] },
    gives: 'OPEN Medium',
  },
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

const ofRole = (role: string) => {
  const { network, ...rest } = snapshot({ fw: ['203.0.113.5'] });
  return { ...rest, network: { ...network, replication: value({ role, isReplica: false, sourceId: null }) } };
};

test.each([
  { role: '', gives: 'PASS' },
  { role: 'None', gives: 'PASS' },
  { role: ' PRIMARY', gives: 'PASS' },
  { role: 'Source', gives: 'PASS' },
  { role: 'Master', gives: 'PASS' },
  { role: 'ReadOnlyClone', gives: 'UNKNOWN' },
])('a server of the role "$role": $gives', ({ role, gives }) => {
  expect(verdicts(replicaMoreExposed, ofRole(role))).toEqual([gives]);
});

test('a role that is not documented is told as such', () => {
  expect(judge(replicaMoreExposed, ofRole('ReadOnlyClone'))).toMatchObject([
    { status: 'unknown', reason: 'replication: the role "ReadOnlyClone" cannot be interpreted' },
  ]);
});

test('an unreadable source, or one that is not named, is unknown', () => {
  expect(verdicts(replicaMoreExposed, { replica }, { source: unreadable() })).toEqual(['UNKNOWN']);
  expect(
    verdicts(replicaMoreExposed, { replica: { sourceId: null } }, { source: value(exposure(off)) }),
  ).toEqual(['UNKNOWN']);
});

test('what a closed source has in its rules counts as not admitted', () => {
  const around = { source: value(exposure({ ...off, fw: ['203.0.113.5'] })) };
  const [finding] = judge(replicaMoreExposed, { fw: ['203.0.113.5'], replica }, around);
  expect(finding).toMatchObject({
    violation: {
      summary:
        'The replica admits 1 public address that its source does not; its public path is "limited", the source\'s "closed".',
      evidence: { added: 1, addedRanges: ['203.0.113.5'], addedRangeCount: 1 },
    },
  });
});

test.each<{ when: string; source: Given; given: Given; reason: string }>([
  {
    when: 'the source',
    source: { pna: undefined },
    given: {},
    reason: 'exposure: the public path of the source is unknown',
  },
  {
    when: 'the replica',
    source: {},
    given: { pna: undefined },
    reason: 'exposure: the public path of the replica is unknown',
  },
])('which of the two is not known is told: $when', ({ source, given, reason }) => {
  expect(judge(replicaMoreExposed, { ...given, replica }, { source: value(exposure(source)) })).toMatchObject(
    [{ status: 'unknown', reason }],
  );
});
