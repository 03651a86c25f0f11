import { setTimeout as pause } from 'node:timers/promises';
import { DefaultAzureCredential } from '@azure/identity';
import { runNow } from '../../local/api-client.ts';
import { type Person, writeToArm } from '../../local/arm-client.ts';
import type { Estate, Json } from '../../local/azure/index.ts';
import { startStack, type Stack, type StackOptions } from '../../local/stack.ts';
import type { Table } from '../../shared/ports.ts';
import type { TableName } from '../../shared/rows.ts';
import { azureTable } from '../../shared/state/azure-table.ts';

export const DANA: Person = {
  name: 'Dana Example',
  upn: 'dana@contoso.example',
  oid: 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
};

/** A stack in which nothing sweeps by itself. */
export function startCloud(estate: Estate, options: Partial<StackOptions> = {}): Promise<Stack> {
  const settings = { SWEEP_SCHEDULE: '0 0 3 1 1 *', ...options.settings };
  return startStack({ port: 0, ...options, estate, settings });
}

/** The state table of a stack, read as the app reads it. */
export function stateOf({ azurite }: Stack): Table {
  return azureTable({ connectionString: azurite.connectionString }, new DefaultAzureCredential());
}

/** Asks until there is an answer; fails after `seconds` with what it waited for. */
export async function until<Value>(
  what: string,
  ask: () => Value | undefined | Promise<Value | undefined>,
  seconds = 20,
): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const value = await ask();
    if (value !== undefined && value !== false) return value;
    await pause(50);
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** The rows of a table that carry these values, each (`FindingId`, `EpochSeq`, `Change`) once, in order of arrival. */
export function rowsOf({ azure }: Stack, table: TableName, values: Json = {}): readonly Json[] {
  const seen = new Set<string>();
  return azure.ingested(table).filter((row) => {
    if (Object.entries(values).some(([name, value]) => row[name] !== value)) return false;
    const key = keyOf(table, row);
    return !seen.has(key) && seen.add(key);
  });
}

function keyOf(table: TableName, row: Json): string {
  if (table === 'DatabaseExposureFindings_CL')
    return JSON.stringify([row['FindingId'], row['EpochSeq'], row['Change']]);
  if (table === 'DatabaseExposureChanges_CL') return JSON.stringify([row['EventId'], row['ServerId']]);
  return JSON.stringify({ ...row, TimeGenerated: '', $ingestionTime: '' });
}

export const FINDINGS = 'DatabaseExposureFindings_CL';
export const SERVERS = 'DatabaseExposureServers_CL';
export const CHANGES = 'DatabaseExposureChanges_CL';
export const RUNS = 'DatabaseExposureRuns_CL';

interface Servers {
  readonly value: readonly Json[];
}

/** The servers as the app tells them, by name. */
export async function serversByName({ url }: Stack): Promise<ReadonlyMap<string, Json>> {
  const response = await fetch(`${url}/api/servers`);
  const { value } = (await response.json()) as Servers;
  return new Map(value.map((server) => [String(server['serverName']), server]));
}

/** Sweeps, and waits until the run's row is in the workspace. */
export async function sweepToEnd(stack: Stack): Promise<Json> {
  const before = new Set(rowsOf(stack, RUNS, { Kind: 'Sweep' }).map((row) => row['RunId']));
  await runNow(stack.url, 'sweep');
  return until('the row of the run', async () => {
    await runNow(stack.url, 'publishPending');
    await pause(150);
    return rowsOf(stack, RUNS, { Kind: 'Sweep' }).find((row) => !before.has(row['RunId']));
  });
}

const VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/microsoft\.network\//i, '2025-05-01'],
  [/microsoft\.dbforpostgresql\/flexible/i, '2025-08-01'],
  [/microsoft\.dbformysql\/flexible/i, '2024-12-30'],
  [/./, '2017-12-01'],
];

/** Dana writes to ARM. */
export function write(
  { azure }: Pick<Stack, 'azure'>,
  method: 'PUT' | 'PATCH' | 'DELETE',
  id: string,
  body?: unknown,
): Promise<void> {
  const version = VERSIONS.find(([pattern]) => pattern.test(id))?.[1] ?? '';
  return writeToArm(azure, method, id, version, DANA, body);
}

/** Dana admits a range to a server. */
export function putRule(
  stack: Pick<Stack, 'azure'>,
  server: string,
  name: string,
  start: string,
  end: string,
): Promise<void> {
  const properties = { startIpAddress: start, endIpAddress: end };
  return write(stack, 'PUT', `${server}/firewallRules/${name}`, { properties });
}
