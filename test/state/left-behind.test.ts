import { expect, test, vi } from 'vitest';
import { churn, type Churn, DAY, HOUR, MINUTE, START } from './churn.ts';
import { endpointId, serverId } from './churning-azure.ts';

const HERE = '11111111-1111-4111-8111-111111111111';
const SERVER = serverId(HERE, 'orders');
const ENDPOINT = endpointId(HERE, 'pe-orders');
const OTHER = endpointId(HERE, 'pe-other');

vi.setConfig({ testTimeout: 120_000 });

/** A server with two endpoints is deleted after an hour, the endpoints when they are told to go. */
async function play(days: number, gone: Readonly<Record<string, number>>, period = HOUR): Promise<Churn> {
  const run = churn([HERE]);
  const { clock, estate } = run;
  const rules = new Map([['office', ['8.8.8.8', '8.8.8.8'] as const]]);
  estate.servers.set(SERVER, { access: 'Enabled', rules, shows: new Set([ENDPOINT]) });
  for (const id of [ENDPOINT, OTHER]) estate.endpoints.set(id, SERVER);
  for (let at = START; at < START + days * DAY; at += period) {
    clock.at(at, () => void run.sweep());
    clock.at(at + 10 * MINUTE, () => void run.publish());
  }
  clock.at(START + HOUR, () => estate.servers.delete(SERVER));
  for (const [id, at] of Object.entries(gone)) clock.at(START + at, () => estate.endpoints.delete(id));
  await clock.runUntil(START + days * DAY);
  expect(run.errors).toEqual([]);
  return run;
}

/** Hours after the start and what was told then of an endpoint that the server left behind. */
function told({ told: rows }: Churn, subject: string): readonly string[] {
  return rows
    .filter((row) => row['RuleId'] === 'endpoint-orphaned' && row['Subject'] === subject)
    .map((row) => `${Math.floor((row.at - START) / HOUR)} ${String(row['Change'])} ${String(row['State'])}`);
}

test('what a deleted server left behind is told again every 24 hours while it is there', async () => {
  const run = await play(4, { [ENDPOINT]: 2 * DAY });
  expect(told(run, ENDPOINT)).toEqual(['1 Opened Open', '26 Refreshed Open', '48 Resolved Resolved']);
  expect(told(run, OTHER)).toEqual([
    '1 Opened Open',
    '26 Refreshed Open',
    '50 Refreshed Open',
    '74 Refreshed Open',
  ]);
});

test('and only what is there is asked for again', async () => {
  const run = await play(4, { [ENDPOINT]: 2 * DAY });
  const [state] = run.table
    .peek(HERE, 's|', 's}')
    .map(({ text }) => JSON.parse(text) as Record<string, object>);
  expect(Object.keys((state?.['surroundings'] as { endpoints: object }).endpoints)).toEqual([OTHER]);
});

test('thirty days after its end nothing is left of a server but facts of its subscription', async () => {
  const run = await play(33, { [ENDPOINT]: DAY, [OTHER]: DAY }, 12 * HOUR);
  const rows = run.table.peek(HERE, '!', '~').map(({ row }) => row);
  expect(rows).toEqual(['a|in-full', 'i|first-listing', 'm|subscription']);
  const others = run.table.partitions().filter((name) => name.startsWith('d-'));
  expect(others.flatMap((name) => run.table.peek(name, '!', '~'))).toEqual([]);
});

test('resolved findings of a deleted server go after thirty days, though something of it is still open', async () => {
  const run = await play(33, { [ENDPOINT]: DAY }, 12 * HOUR);
  const [state] = run.table
    .peek(HERE, 's|', 's}')
    .map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  const findings = state?.['findings'] as readonly { ruleId: string; subject: string }[];
  expect(findings.map(({ ruleId, subject }) => [ruleId, subject])).toEqual([['endpoint-orphaned', OTHER]]);
});
