import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedAzure, startAzure } from '../../local/azure/index.ts';
import { settingsFor } from '../../local/stack.ts';
import { estateOf, flexible, LAB, POSTGRES, SHOP } from '../end-to-end/estate.ts';

const SCAN = join(import.meta.dirname, '..', '..', 'local', 'scan.ts');

let azure: EmbeddedAzure;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exposure-scan-'));
  const lab = `/subscriptions/${LAB}/resourceGroups/rg-lab`;
  azure = await startAzure({
    estate: estateOf([
      flexible('orders', 'Enabled', { any: ['0.0.0.0', '255.255.255.255'] }),
      flexible('stock', 'Enabled', undefined, POSTGRES),
      flexible('quiet', 'Disabled', {}, POSTGRES, lab),
    ]),
  });
  const certificate = join(folder, 'azure.pem');
  await writeFile(certificate, azure.certificate);
  const { AzureWebJobsStorage, LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID, ...needed } = settingsFor(
    azure,
    { connectionString: 'none' },
    certificate,
  );
  expect([AzureWebJobsStorage, LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID]).toHaveLength(3);
  environment = needed;
});

afterAll(async () => {
  await azure.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(() => {
  azure.switches.denied = [];
  azure.switches.unreadableSubscriptions = [];
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command as a user runs it: in a folder of its own, with nothing but the settings. */
function scan(...given: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...environment };
    const child = execFile(process.execPath, [SCAN, ...given], { env, cwd: folder }, (_error, out, err) => {
      resolve({ status: child.exitCode, out, err });
    });
  });
}

describe('a scan', () => {
  test('prints a table, the worst first, and ends with 1 when a finding is as grave as --fail-on says', async () => {
    const { status, out, err } = await scan('--subscription', SHOP, '--fail-on', 'Critical');
    expect(err).toBe('');
    expect(status).toBe(1);
    expect(out.indexOf('orders')).toBeGreaterThan(-1);
    expect(out.indexOf('stock')).toBeGreaterThan(out.indexOf('orders'));
    expect(out).not.toContain('quiet');
    expect(out).not.toContain('\u001b');
  });

  test('prints JSON of several subscriptions, and ends with 0', async () => {
    const { status, out } = await scan('--subscription', SHOP, '--subscription', LAB, '--format', 'json');
    expect(status).toBe(0);
    const report = JSON.parse(out) as {
      servers: readonly { serverName: string; reach: string }[];
      findings: readonly { ruleId: string; serverName: string }[];
    };
    expect(report.servers.map(({ serverName, reach }) => [serverName, reach]).sort()).toEqual([
      ['orders', 'internet'],
      ['quiet', 'none'],
      ['stock', 'listed'],
    ]);
    const critical = report.findings.filter(({ ruleId }) => ruleId === 'internet-reachable');
    expect(critical.map(({ serverName }) => serverName)).toEqual(['orders']);
  });

  test('ends with 0 when every open finding is less grave than --fail-on says', async () => {
    expect((await scan('--subscription', LAB, '--fail-on', 'critical')).status).toBe(0);
  });

  test('ends with 2 when a part of a server cannot be read, even with --fail-on', async () => {
    azure.switches.denied = ['/stock/firewallRules$'];
    const { status, out } = await scan('--subscription', SHOP, '--fail-on', 'critical');
    expect(status).toBe(2);
    expect(out).toMatch(/stock.*unknown|unknown.*stock/);
  });

  test('ends with 2 when the subscription does not answer, and says which', async () => {
    azure.switches.unreadableSubscriptions = [SHOP];
    const { status, out, err } = await scan('--subscription', SHOP);
    expect(status).toBe(2);
    expect(out + err).toContain(`Subscription ${SHOP} did not answer.`);
  });
});

describe('wrong arguments end with 2, one line and the usage', () => {
  test.each([
    { given: ['--subscription', 'shop'], line: '"shop" is not a subscription id' },
    { given: ['--subscription', SHOP, '--format', 'xml'], line: '--format is one of' },
  ])('$line', async ({ given, line }) => {
    const { status, out, err } = await scan(...given);
    expect(status).toBe(2);
    expect(out).toBe('');
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toContain(line);
    expect(lines.at(-1)).toMatch(/^Usage: npm run scan -- --subscription <id>/);
    expect(lines).toHaveLength(2);
  });
});
