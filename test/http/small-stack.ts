import { setTimeout as pause } from 'node:timers/promises';
import { writeToArm } from '../../local/arm-client.ts';
import { runNow } from '../../local/api-client.ts';
import { parseEstate } from '../../local/azure/index.ts';
import { type Stack, startStack } from '../../local/stack.ts';

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const TENANT = '99999999-9999-4999-8999-999999999999';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-data/providers`;

/** Open to nine addresses. */
export const ORDERS = `${GROUP}/Microsoft.DBforMySQL/flexibleServers/orders`;
/** Closed. */
export const LEDGER = `${GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/ledger`;
/** Open to everybody. */
export const SANDBOX = `${GROUP}/Microsoft.DBforMySQL/flexibleServers/sandbox`;
export const SERVERS = [ORDERS, LEDGER, SANDBOX].map((id) => id.toLowerCase());

const MYSQL = '2024-12-30';
const PERSON = {
  name: 'Robin Sample',
  upn: 'robin.sample@contoso.example',
  oid: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee11',
};

const server = (id: string, publicNetworkAccess: string, rules: object): unknown => ({
  id,
  location: 'westeurope',
  tags: {},
  sku: { name: 'Standard_B1ms', tier: 'Burstable' },
  properties: { state: 'Ready', network: { publicNetworkAccess } },
  children: { firewallRules: rules },
});

/** A running app over three servers. */
export function startSmallStack(settings: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const estate = parseEstate({
    subscriptions: [
      { subscriptionId: SUBSCRIPTION, displayName: 'Shop', tenantId: TENANT, managementGroup: 'mg-shop' },
    ],
    managementGroups: [{ name: 'mg-shop', parent: null }],
    resources: [
      server(ORDERS, 'Enabled', { office: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' } }),
      server(LEDGER, 'Disabled', {}),
      server(SANDBOX, 'Enabled', { all: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } }),
    ],
  });
  return startStack({ estate, port: 0, settings });
}

/** Sweeps once, until every server was read. */
export async function sweepOnce({ url }: Pick<Stack, 'url'>): Promise<void> {
  await runNow(url, 'sweep');
  await eventually(
    () => call(url, '/api/servers'),
    ({ body }) => Array.isArray(body.value) && body.value.length === SERVERS.length,
  );
}

/** Asks until the answer is right; throws after 20 s. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  isRight: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await ask();
    if (isRight(value)) return value;
    if (Date.now() > deadline) throw new Error(`It never came: ${JSON.stringify(value).slice(0, 2000)}`);
    await pause(100);
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** One request to a route of the app. */
export async function call(url: string, path: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
  const body = isJson && text !== '' ? (JSON.parse(text) as Reply['body']) : {};
  return { status: response.status, headers: response.headers, body, text };
}

export function serverPath(id: string): string {
  return `/api/servers${id}`;
}

/** Reads a server now, by the route of scans. */
export function scanNow(url: string, id: string): Promise<Reply> {
  const headers = { prefer: 'wait=30', 'content-type': 'application/json' };
  return call(url, '/api/scans', { method: 'POST', headers, body: JSON.stringify({ resourceIds: [id] }) });
}

/** Adds a firewall rule to a MySQL server as a person would. */
export function addRule(
  { azure }: Pick<Stack, 'azure'>,
  id: string,
  name: string,
  range: string,
): Promise<void> {
  const [startIpAddress, endIpAddress = startIpAddress] = range.split('-');
  const body = { properties: { startIpAddress, endIpAddress } };
  return writeToArm(azure, 'PUT', `${id}/firewallRules/${name}`, MYSQL, PERSON, body);
}

/** The rules that have an open finding on a server, with the finding. */
export function openRules(detail: Reply): readonly string[] {
  const { findings } = detail.body as { findings: readonly { ruleId: string }[] };
  return findings.map(({ ruleId }) => ruleId);
}

export const put = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
