import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../local/azure/index.ts';
import type { Sink } from '../../shared/ports.ts';
import { TABLES } from '../../shared/rows.ts';
import { CLOUDS } from '../../shared/settings.ts';
import { logAnalytics } from '../../shared/sinks/log-analytics.ts';
import { trust } from '../azure/secure-server.ts';
import { tinyEstate } from '../local/azure/tiny-estate.ts';

const ROW = '{"FindingId":"f1_a","EpochSeq":1}';
const TABLE = 'DatabaseExposureFindings_CL';

let azure: EmbeddedAzure;
beforeAll(async () => {
  const tables = Object.entries(TABLES);
  const streams = Object.fromEntries(tables.map(([name, columns]) => [`Custom-${name}`, columns]));
  azure = await startAzure({ estate: tinyEstate(), streams });
  trust(azure.certificate);
});
afterAll(() => azure.close());

const embedded = (rule = azure.ruleId): Sink => {
  const cloud = CLOUDS.AzurePublicCloud;
  if (!cloud) throw new Error('no such cloud');
  return logAnalytics({ logsEndpoint: azure.url, logsRuleId: rule, cloud }, azure.credential);
};

test('rows arrive with the columns of the stream', async () => {
  expect(await embedded().send(TABLE, [ROW])).toEqual({ accepted: true });
  expect(azure.ingested(TABLE)).toMatchObject([{ FindingId: 'f1_a', EpochSeq: 1 }]);
});

test('a lost acknowledgement keeps the rows, although they are stored', async () => {
  const before = azure.ingested(TABLE).length;
  azure.switches.faults.push({ match: 'dataCollectionRules', cutAt: 0, times: 1 });
  expect(await embedded().send(TABLE, [ROW])).toMatchObject({ accepted: false, reason: 'later' });
  expect(azure.ingested(TABLE)).toHaveLength(before + 1);
});

test('a role that is missing keeps the rows', async () => {
  azure.switches.ingestionForbidden = true;
  expect(await embedded().send(TABLE, [ROW])).toEqual({ accepted: false, reason: 'later', status: 403 });
  azure.switches.ingestionForbidden = false;
});

test('another rule keeps the rows', async () => {
  expect(await embedded('dcr-1').send(TABLE, [ROW])).toEqual({
    accepted: false,
    reason: 'later',
    status: 404,
  });
});

test('a request over 1 MB is refused as too large', async () => {
  const large = JSON.stringify({ FindingId: 'x'.repeat(1_050_000) });
  expect(await embedded().send(TABLE, [large])).toEqual({ accepted: false, reason: 'large', status: 413 });
});
