import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FindingView } from '../../shared/report/report-data.ts';
import * as rules from '../../shared/rules/index.ts';
import { DRIFT_CASES } from './catalogue/drift-cases.ts';
import { ENDPOINT_CASES } from './catalogue/endpoint-cases.ts';
import { catalogueEstate, PARTNER } from './catalogue/estate.ts';
import { EXPOSURE_CASES } from './catalogue/exposure-cases.ts';
import { MONITOR_CASES } from './catalogue/monitor-cases.ts';
import { approve, openFindings, scanAll, serverOf } from './catalogue/readings.ts';
import { type Case, sceneOf } from './catalogue/scene.ts';
import { type ShiftedCloud, startShiftedCloud } from './catalogue/shifted-cloud.ts';
import { VECTORS } from './catalogue/vectors.ts';
import { FINDINGS, rowsOf, sweepToEnd } from './cloud.ts';
import { endpointId, MYSQL_SINGLE, serverId, SHOP } from './estate.ts';

const CASES = [...EXPOSURE_CASES, ...ENDPOINT_CASES, ...DRIFT_CASES, ...MONITOR_CASES];
/** Longer than a connection may wait for its approval. */
const A_DAY_AND_MORE = 25 * 3600;
/** More than the 60 s between two readings that confirm each other, and the 162 s between two that prove a deletion. */
const UNTIL_CONFIRMED = 180;

const POLICY = {
  approvedRanges: ['203.0.113.0/24'],
  servers: [{ match: { tags: { access: 'restricted' } }, profile: 'restricted' }],
};

describe('the catalogue on the embedded Azure', () => {
  let cloud: ShiftedCloud;

  beforeAll(async () => {
    cloud = await startShiftedCloud({
      estate: catalogueEstate([
        ...CASES.flatMap(({ estate }) => estate),
        ...VECTORS.map(({ server }) => server),
      ]),
      settings: { MONITOR_SUBSCRIPTIONS: `${SHOP},${PARTNER}`, BASELINE_MODE: 'approval' },
      policy: JSON.stringify(POLICY),
    });
    for (const item of CASES) await item.prepare?.(sceneOf(cloud, item));
    await sweepToEnd(cloud);
  });

  afterAll(() => cloud.close());

  test('the table names every rule, each once', () => {
    const ids = Object.values(rules).map(({ id }) => id);
    expect(CASES.map(({ rule }) => rule).sort()).toEqual(ids.sort());
    expect(ids).toHaveLength(40);
  });

  describe('what other tools tell wrong', () => {
    test.each(VECTORS)('$when', async ({ serverId: id, reach, publicAddresses, ranges, rules: expected }) => {
      const server = await serverOf(cloud, id);
      expect(server).toMatchObject({ reach, publicAddresses, ranges });
      const open = server.findings.filter(({ category }) => category !== 'monitor');
      expect(open.map(({ ruleId, severity }) => `${ruleId} ${severity}`).sort()).toEqual(expected);
    });

    test.each(VECTORS.filter(({ reach }) => reach === 'azure'))(
      '$when: the one that admits all of Azure is told by what it does',
      async ({ serverId: id }) => {
        const { findings } = await serverOf(cloud, id);
        const finding = findings.find(({ ruleId }) => ruleId === 'azure-services-allowed');
        expect(finding?.evidence['rules']).toEqual([`${id.toLowerCase()}/firewallrules/office`]);
      },
    );
  });

  describe('opens', () => {
    let open: readonly FindingView[];

    beforeAll(async () => {
      for (const { estate, serverId: id } of CASES) if (estate.length > 0) await approve(cloud, id);
      for (const item of CASES) await item.open(sceneOf(cloud, item));
      await sweepToEnd(cloud);
      cloud.passSeconds(A_DAY_AND_MORE);
      await scanAll(cloud);
      open = await openFindings(cloud);
    });

    test.each(CASES)('$rule ($severity)', (item) => {
      const { severity, evidence = {} } = item;
      const mine = open.filter((finding) => isOf(item, finding));
      expect(mine).toMatchObject([{ severity, evidence, state: 'Open', resolvesAfter: null }]);
    });
  });

  describe('closes', () => {
    let afterOneReading: readonly FindingView[];
    let afterTwo: readonly FindingView[];

    beforeAll(async () => {
      for (const item of CASES) await item.close(sceneOf(cloud, item));
      await scanAll(cloud);
      afterOneReading = await openFindings(cloud);
      cloud.passSeconds(UNTIL_CONFIRMED);
      await scanAll(cloud);
      afterTwo = await openFindings(cloud);
    });

    test.each(CASES)('$rule: $reason', (item) => {
      const { reason } = item;
      // An approval settles it at once; everything else takes a second reading.
      const waiting = afterOneReading.filter((finding) => isOf(item, finding));
      expect(waiting).toHaveLength(reason === 'Approved' ? 0 : 1);
      const isExpected = reason !== 'Approved' && reason !== 'Deleted';
      expect(waiting.some(({ resolvesAfter }) => resolvesAfter !== null)).toBe(isExpected);
      expect(afterTwo.filter((finding) => isOf(item, finding))).toEqual([]);

      const rows = rowsOf(cloud, FINDINGS, { RuleId: item.rule, ServerId: item.serverId.toLowerCase() })
        .filter((row) => withoutSuffix(String(row['Subject'])) === subjectOf(item))
        .sort((a, b) => Number(a['EpochSeq']) - Number(b['EpochSeq']));
      const told = rows.filter((row) => row['Change'] === 'Opened' || row['Change'] === 'Resolved');
      expect(told).toMatchObject([
        // No reason: it did not show in the first sweep.
        { Change: 'Opened', Reason: '', Severity: item.severity, State: 'Open' },
        { Change: 'Resolved', Reason: reason, State: 'Resolved' },
      ]);
      expect([rows[0], rows.at(-1)]).toEqual(told);
    });

    test('a deleted server takes its findings along, but for the endpoint that still points at it', () => {
      const id = serverId('retired-service', MYSQL_SINGLE);
      const left = afterTwo.filter((finding) => finding.serverId === id.toLowerCase());
      expect(left).toMatchObject([
        {
          ruleId: 'endpoint-orphaned',
          severity: 'Low',
          subject: endpointId('pe-retired-service').toLowerCase(),
          evidence: { case: 'server gone' },
        },
      ]);
      const ended = rowsOf(cloud, FINDINGS, { ServerId: id.toLowerCase(), Change: 'Resolved' });
      expect(new Set(ended.map((row) => row['Reason']))).toEqual(new Set(['Deleted']));
      expect(ended.length).toBeGreaterThan(1);
    });
  });
});

function isOf(item: Case, { ruleId, serverId: id, subject }: FindingView): boolean {
  return (
    ruleId === item.rule && id === item.serverId.toLowerCase() && withoutSuffix(subject) === subjectOf(item)
  );
}

/** Azure names the connections that it makes itself after their endpoint and an id. */
function withoutSuffix(subject: string): string {
  return subject.replace(/(?<=\/privateendpointconnections\/pe-[a-z-]+)\.[0-9a-f-]{36}$/, '');
}

function subjectOf({ rule, serverId: id, subject = '' }: Case): string {
  const endpoint = endpointId(`pe-${rule}`).toLowerCase();
  return subject === 'endpoint' ? endpoint : `${id.toLowerCase()}${subject}`;
}
