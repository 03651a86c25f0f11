import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../local/azure/certificate.ts';
import { type LoadedPolicy, loadPolicy, type PolicyRequest } from '../shared/load-policy.ts';
import type { Rule } from '../shared/model.ts';
import type { Table } from '../shared/ports.ts';
import * as registry from '../shared/rules/index.ts';
import { SERVER } from './builders.ts';

const RULES: readonly Rule[] = Object.values(registry);
const RESTRICTED = '{ "defaults": { "profile": "restricted" } }';
const OPEN = '{ "defaults": { "profile": "open" } }';

const credential: TokenCredential = {
  getToken: () => Promise.resolve({ token: 'of-the-app', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

interface Memory extends Table {
  readonly rows: Map<string, string>;
  writes: number;
  /** Of the storage account: nothing answers. */
  down: boolean;
}

/** The state table with one partition that the policy needs. */
function memory(): Memory {
  const rows = new Map<string, string>();
  const table: Memory = {
    rows,
    writes: 0,
    down: false,
    query(partition, from, to) {
      if (table.down) return Promise.reject(new Error('storage is down'));
      const found = [...rows].filter(([key]) => key >= `${partition}/${from}` && key < `${partition}/${to}`);
      const made = found.map(([key, text]) => ({
        row: key.slice(partition.length + 1),
        etag: '',
        columns: {},
        text,
      }));
      return Promise.resolve({ rows: made, now: '2026-11-21T12:00:00Z' });
    },
    transact(partition, operations) {
      for (const operation of operations) {
        if (operation.do === 'put') rows.set(`${partition}/${operation.row}`, operation.text);
        table.writes += 1;
      }
      return Promise.resolve(new Map());
    },
  };
  return table;
}

let folder: string;
let table: Memory;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
  table = memory();
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function load(minute: number, more: Partial<PolicyRequest> = {}): Promise<LoadedPolicy> {
  const now = `2026-11-21T12:${String(minute).padStart(2, '0')}:00Z`;
  return loadPolicy({ policyFile: undefined, folder, credential, rules: RULES, table, now, ...more });
}

const write = (text: string, name = 'policy.json'): Promise<void> => writeFile(join(folder, name), text);

/** `restricted; why` */
async function outcome(loaded: Promise<LoadedPolicy>): Promise<string> {
  const { policy, problems } = await loaded;
  return [policy.of(SERVER).profile, ...problems].join('; ');
}

test('the file beside the app is in force, and is kept once', async () => {
  await write(RESTRICTED);
  expect(await outcome(load(0))).toBe('restricted');
  expect(await outcome(load(2))).toBe('restricted');
  expect(table.rows).toEqual(new Map([['monitor/policy', RESTRICTED]]));
  expect(table.writes).toBe(1);
  await write(OPEN);
  expect(await outcome(load(4))).toBe('open');
  expect(table.writes).toBe(2);
});

test('a file is read again when a minute is over', async () => {
  await write(RESTRICTED);
  await load(0);
  await write(OPEN);
  expect(await outcome(load(0, { now: '2026-11-21T12:00:59.999Z' }))).toBe('restricted');
  expect(await outcome(load(1))).toBe('open');
});

test('rules that the policy switches off are left out', async () => {
  await write('{ "rules": { "retired-service": { "enabled": false } } }');
  const { rules } = await load(0);
  expect(RULES.filter((rule) => !rules.includes(rule)).map(({ id }) => id)).toEqual(['retired-service']);
});

const STAYS = 'the last valid one stays in force.';
const DEFAULTS = 'and there never was a valid one: the built-in defaults are in force, without exemptions.';
const ERROR = 'is not valid (line 1: defaults.profile must be "private", "restricted" or "open")';

test.each([
  { when: 'no file', text: undefined, why: 'is not there' },
  {
    when: 'not JSON',
    text: '{',
    why: 'is not valid (line 1: not JSON: a key is expected, in double quotes)',
  },
  { when: 'an invalid file', text: '{ "defaults": { "profile": "x" } }', why: ERROR },
  {
    when: 'many errors',
    text: '{ "a": 1, "b": 1, "c": 1,\n "d": 1, "e": 1 }',
    why: expect.stringMatching(
      /^is not valid \(line 1: a .*; line 1: b .*; line 1: c .*; and 2 more\)$/,
    ) as string,
  },
])('$when: the last valid one, or the defaults', async ({ text, why }) => {
  const reason = async (loaded: Promise<LoadedPolicy>, end: string): Promise<string> => {
    const [problem = ''] = (await loaded).problems;
    expect(problem.startsWith('The policy policy.json ')).toBe(true);
    expect(problem.endsWith(end)).toBe(true);
    return problem.slice('The policy policy.json '.length, -end.length - 2);
  };
  if (text !== undefined) await write(text);
  expect(await reason(load(0), DEFAULTS)).toEqual(why);
  expect((await load(0)).policy.of(SERVER).profile).toBe('private');

  await write(RESTRICTED);
  expect(await outcome(load(2))).toBe('restricted');
  await (text === undefined ? rm(join(folder, 'policy.json')) : write(text));
  expect(await reason(load(4), STAYS)).toEqual(why);
  expect((await load(4)).policy.of(SERVER).profile).toBe('restricted');
  expect(table.rows.get('monitor/policy')).toBe(RESTRICTED);
});

test('a kept policy that this version cannot read gives way to the defaults', async () => {
  table.rows.set('monitor/policy', '{ "rules": { "a-rule-of-yesterday": {} } }');
  expect(await outcome(load(0))).toBe(
    'private; The policy policy.json is not there, and the last valid one is not valid in this version: the built-in defaults are in force, without exemptions.',
  );
});

test('bytes that are no text', async () => {
  await writeFile(join(folder, 'policy.json'), new Uint8Array([0x7b, 0xff, 0x7d]));
  expect(await outcome(load(0))).toBe(`private; The policy policy.json is not UTF-8, ${DEFAULTS}`);
});

test('a file of more than a million bytes', async () => {
  await write(' '.repeat(1_000_001));
  expect(await outcome(load(0))).toBe(
    `private; The policy policy.json is larger than 1000000 bytes, ${DEFAULTS}`,
  );
});

test('a path is relative to the folder, and problems name the file alone', async () => {
  await write(RESTRICTED, 'other.json');
  expect(await outcome(load(0, { policyFile: './other.json' }))).toBe('restricted');
  table.rows.clear();
  expect(await outcome(load(2, { policyFile: join(folder, 'none.json') }))).toBe(
    `private; The policy none.json is not there, ${DEFAULTS}`,
  );
});

test('a good file holds while the storage does not answer', async () => {
  await write(RESTRICTED);
  table.down = true;
  expect(await outcome(load(0))).toBe(
    'restricted; The policy in force could not be kept in the state table.',
  );
});

test('with neither file nor storage there is no policy, and the next call tries again', async () => {
  table.down = true;
  await expect(load(0)).rejects.toThrow('storage is down');
  table.down = false;
  await write(RESTRICTED);
  expect(await outcome(load(0))).toBe('restricted');
});

test.each([
  'http://account.blob.core.windows.net/config/policy.json',
  'https://account.blob.core.windows.net/config/policy.json?sig=secret',
  'https://user:secret@account.blob.core.windows.net/config/policy.json',
  'https://',
  'ftp://host/policy.json',
])('not an address of a blob: %s', async (policyFile) => {
  const [problem = ''] = (await load(0, { policyFile })).problems;
  expect(problem).toContain('is no https:// address of a blob without a query');
  expect(problem).not.toContain('secret');
});

test('a blob is read with the identity of the app', async () => {
  const asked: string[] = [];
  const certificate = await makeCertificate();
  setDefaultCACertificates([certificate.cert]);
  const server = createServer(certificate, (request, response) => {
    asked.push(`${request.method ?? ''} ${request.headers.authorization ?? ''}`);
    const isThere = request.url?.split('?')[0] === '/config/policy.json';
    const body = isThere ? RESTRICTED : '';
    response.writeHead(isThere ? 200 : 404, { 'content-length': body.length, etag: '"1"' });
    response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const { port } = server.address() as AddressInfo;
    const at = (path: string): string => `https://127.0.0.1:${port}/config/${path}`;
    expect(await outcome(load(0, { policyFile: at('policy.json') }))).toBe('restricted');
    expect(asked).toEqual(['GET Bearer of-the-app']);
    expect(await outcome(load(2, { policyFile: at('gone.json') }))).toBe(
      `restricted; The policy gone.json is not there; ${STAYS}`,
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
