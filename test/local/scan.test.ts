import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedAzure, loadEstate, startAzure } from '../../local/azure/index.ts';
import { settingsFor } from '../../local/stack.ts';
import { sarifErrors } from '../report/sarif-schema.ts';
import { estateOf, flexible, LAB, POSTGRES, SHOP } from '../end-to-end/estate.ts';

const LOCAL = join(import.meta.dirname, '..', '..', 'local');
const SCAN = join(LOCAL, 'scan.ts');
const ESTATE = join(LOCAL, 'estate');

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
  environment = await environmentOf(azure, 'azure.pem');
});

/** What the command needs to know of an Azure: less than the deployed app. */
async function environmentOf(of: EmbeddedAzure, file: string): Promise<Record<string, string>> {
  const certificate = join(folder, file);
  await writeFile(certificate, of.certificate);
  const { AzureWebJobsStorage, LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID, ...needed } = settingsFor(
    of,
    { connectionString: 'none' },
    certificate,
  );
  expect([AzureWebJobsStorage, LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID]).toHaveLength(3);
  return needed;
}

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
    { given: [], line: '--subscription or --management-group is required.' },
    { given: ['--subscription', 'shop'], line: '--subscription: "shop" is not a subscription id' },
    { given: ['--management-group', 'my shops'], line: '"my shops" is not a management group id' },
    { given: ['--subscription', SHOP, '--format', 'xml'], line: '--format is one of' },
    { given: ['--subscription', SHOP, '--fail-on', 'grave'], line: '--fail-on is one of' },
    { given: ['--subscription', SHOP, '--rule', 'no-such-rule'], line: '--rule no-such-rule is no rule' },
    {
      given: ['--subscription', SHOP, '--policy', 'absent.json'],
      line: '--policy absent.json: the file cannot be read.',
    },
    {
      given: ['--subscription', SHOP, '--baseline', 'absent.json'],
      line: '--baseline absent.json: the file cannot be read.',
    },
    {
      given: ['--subscription', SHOP, '--baseline', SCAN],
      line: `--baseline ${SCAN}: not a scan saved with --format json.`,
    },
    {
      given: ['--subscription', SHOP, '--out', 'absent/report.json'],
      line: '--out absent/report.json: the file cannot be written.',
    },
    { given: ['--subscription', SHOP, '--out', '.'], line: '--out .: the file cannot be written.' },
    { given: ['--subscription', SHOP, '--out='], line: '--out : the file cannot be written.' },
    { given: ['--subscription'], line: "Option '--subscription <value>' argument missing" },
    { given: ['--severity', 'high'], line: "Unknown option '--severity'" },
    { given: [SHOP], line: `Unexpected argument '${SHOP}'` },
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

describe('the other options', () => {
  test('--help prints the usage', async () => {
    const { status, out, err } = await scan('--help');
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: npm run scan -- --subscription <id>/);
  });

  test('--server ends with 2 where no server has such an id: a mistyped name must not pass', async () => {
    const { status, err } = await scan('--subscription', SHOP, '--server', '*/ORDERS', '--server', '*/order');
    expect([status, err]).toEqual([2, '--server */order is the id of no server in scope.\n']);
  });

  test('--policy with many mistakes tells the first', async () => {
    const file = join(folder, 'wrong.json');
    await writeFile(file, JSON.stringify({ a: 1, b: 1, c: 1, d: 1, e: 1 }));
    const { status, err } = await scan('--subscription', SHOP, '--policy', file);
    expect(status).toBe(2);
    expect(err.split('\n')[0]).toMatch(
      /: a is .*; .*: b is .*; .*: c is .*; and 2 more, which npm run policy/,
    );
  });

  test.each([
    { format: 'html', begins: '<!doctype html>' },
    { format: 'csv', begins: '"' },
    { format: 'sarif', begins: '{' },
  ])('--format $format --out writes the file and prints nothing', async ({ format, begins }) => {
    const file = join(folder, `report.${format}`);
    const { status, out } = await scan('--subscription', SHOP, '--format', format, '--out', file);
    expect([status, out]).toEqual([0, '']);
    const text = await readFile(file, 'utf8');
    expect(text.toLowerCase().startsWith(begins)).toBe(true);
    expect(text).toContain('orders');
    if (format === 'sarif') expect(sarifErrors(text)).toEqual([]);
  });

  test('--rule and --server leave out the others', async () => {
    const { out } = await scan(
      ...['--subscription', SHOP, '--format', 'json'],
      ...['--rule', 'internet-reachable', '--server', '*/flexibleservers/ORDERS'],
    );
    const report = JSON.parse(out) as Report;
    expect(report.servers.map(({ serverName }) => serverName)).toEqual(['orders']);
    expect(report.findings.map(({ ruleId }) => ruleId)).toEqual(['internet-reachable']);
  });

  test('--policy decides what is judged', async () => {
    const file = join(folder, 'policy.json');
    await writeFile(file, JSON.stringify({ rules: { 'internet-reachable': { enabled: false } } }));
    const { out } = await scan('--subscription', SHOP, '--format', 'json', '--policy', file);
    const ids = (JSON.parse(out) as Report).findings.map(({ ruleId }) => ruleId);
    expect(ids).not.toContain('internet-reachable');
    expect(ids).toContain('public-access-enabled');
  });

  test('--baseline tells drift against a saved scan, and none where nothing changed', async () => {
    const file = join(folder, 'before.json');
    await scan('--subscription', SHOP, '--format', 'json', '--out', file);
    const drift = async (): Promise<readonly string[]> => {
      const { out } = await scan('--subscription', SHOP, '--format', 'json', '--baseline', file);
      const { findings } = JSON.parse(out) as Report;
      return findings
        .filter(({ ruleId }) => ruleId === 'exposure-widened')
        .map(({ serverName, summary }) => `${serverName}: ${summary}`);
    };
    expect(await drift()).toEqual([]);
    const stock = azure.estate.ids().find((id) => id.endsWith('/stock')) ?? '';
    azure.estate.put(`${stock}/firewallRules/more`, {
      properties: { startIpAddress: '198.51.100.1', endIpAddress: '198.51.100.4' },
    });
    expect(await drift()).toEqual([expect.stringMatching(/^stock: 4 public addresses were added/)]);
    azure.estate.delete(`${stock}/firewallRules/more`);
  });

  test('an interrupted scan prints what was read and says that it is a part', async () => {
    azure.switches.faults = [{ match: 'Microsoft.ResourceGraph', delayMs: 400 }];
    const { status, out, err } = await interrupted('--subscription', SHOP, '--subscription', LAB);
    azure.switches.faults = [];
    expect(status).toBe(2);
    expect(out).toContain('Database exposure of');
    expect(out).toContain('No database server was read.');
    expect(err).toContain('Interrupted: ending the readings under way. Ctrl-C again ends at once.');
    expect(err).toContain('Interrupted: 0 of 3 servers were read.');
  });
});

test('the sample estate, by its management group, as SARIF that is valid by its schema', async () => {
  const sample = await startAzure({ estate: await loadEstate(ESTATE) });
  const before = environment;
  environment = await environmentOf(sample, 'sample.pem');
  try {
    const { status, out } = await scan('--management-group', 'mg-contoso', '--format', 'sarif');
    expect(status).toBe(0);
    expect(sarifErrors(out)).toEqual([]);
    const { runs } = JSON.parse(out) as { runs: readonly { results: readonly unknown[] }[] };
    expect(runs[0]?.results.length).toBeGreaterThan(100);
  } finally {
    environment = before;
    await sample.close();
  }
});

interface Report {
  readonly servers: readonly { readonly serverName: string }[];
  readonly findings: readonly {
    readonly ruleId: string;
    readonly serverName: string;
    readonly summary: string;
  }[];
}

/** A scan that gets Ctrl-C while it lists the servers. */
async function interrupted(...given: readonly string[]): Promise<Ended> {
  const before = azure.counters.graphCalls;
  const env = { PATH: process.env.PATH, ...environment };
  const ended = new Promise<Ended>((resolve) => {
    const child = execFile(process.execPath, [SCAN, ...given], { env, cwd: folder }, (_error, out, err) => {
      resolve({ status: child.exitCode, out, err });
    });
    const timer = setInterval(() => {
      if (azure.counters.graphCalls === before) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 20);
  });
  return ended;
}
