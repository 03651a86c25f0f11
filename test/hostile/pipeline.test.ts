import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNow } from '../../local/api-client.ts';
import type { Stack } from '../../local/stack.ts';
import * as keys from '../../shared/state/keys.ts';
import { CHANGES, FINDINGS, rowsOf, RUNS, SERVERS, startCloud, stateOf, until } from '../end-to-end/cloud.ts';
import { call, put, type Reply, serverPath } from '../http/small-stack.ts';
import { ESTATE, hostilePolicy, IDS, SUBSCRIPTION } from './estate.ts';
import { cellsOf, oddTags, stringsIn, tagsOf } from './pages.ts';
import { HOSTILE } from './strings.ts';

const lines: string[] = [];
let folder: string;
let stack: Stack;
let run: Readonly<Record<string, unknown>>;

/** One event a server and group of strings: each string is somebody, somewhere, or something that was done. */
const EVENTS = Array.from({ length: Math.ceil(HOSTILE.length / 5) }, (_, index) => {
  const text = (place: number): string => HOSTILE[(index * 5 + place) % HOSTILE.length] ?? '';
  const subject = IDS[index % IDS.length] ?? '';
  return {
    id: `${index}-${text(0)}`,
    topic: text(1),
    subject,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: new Date().toISOString(),
    dataVersion: text(2),
    metadataVersion: '1',
    data: {
      authorization: { scope: text(0), action: text(1), evidence: { role: text(2), principalType: text(3) } },
      claims: {
        [text(4)]: text(4),
        name: text(0),
        ipaddr: text(1),
        'http://schemas.microsoft.com/identity/claims/objectidentifier': text(2),
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': text(3),
      },
      correlationId: text(2),
      resourceUri: subject,
      operationName: text(3),
      status: text(4),
      httpRequest: { clientIpAddress: text(1), url: text(2), method: text(3) },
    },
  };
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  const POLICY_FILE = join(folder, 'policy.json');
  await writeFile(POLICY_FILE, hostilePolicy());
  stack = await startCloud(ESTATE, { settings: { POLICY_FILE }, log: (line) => lines.push(line) });
  await runNow(stack.url, 'sweep');
  run = await until('the row of the run', sweptRow, 120);
  for (let start = 0; start < EVENTS.length; start += 20)
    expect(await stack.azure.sendEvents(EVENTS.slice(start, start + 20))).toEqual([202]);
  const ids = new Set(EVENTS.map(({ subject }) => subject.toLowerCase()));
  await until(
    'the events are told',
    () => new Set(rowsOf(stack, CHANGES).map((row) => row['ServerId'])).size === ids.size,
    120,
  );
}, 240_000);

afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

const isPlain = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

async function sweptRow(): Promise<Readonly<Record<string, unknown>> | undefined> {
  await runNow(stack.url, 'publishPending');
  await pause(500);
  return rowsOf(stack, RUNS, { Kind: 'Sweep' })[0];
}

const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** A 200 whose body and headers are what they say. */
function checkJson(reply: Reply): unknown {
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toMatch(/^application\/(?:[a-z]+\+)?json/);
  return checkText(reply, JSON.parse(reply.text));
}

function checkText(reply: Reply, value: unknown): unknown {
  expect(reply.text.isWellFormed()).toBe(true);
  for (const [name, header] of reply.headers) expect(header, name).toMatch(/^[ -~]*$/);
  expect([...stringsIn(value)].filter((text) => !text.isWellFormed())).toEqual([]);
  return value;
}

describe('the sweep', () => {
  test('reads every server', () => {
    expect(run).toMatchObject({ Expected: IDS.length, Skipped: 0 });
    expect(Number(run['Assessed']) + Number(run['Unreadable'])).toBe(IDS.length);
    expect(rowsOf(stack, FINDINGS, { RuleId: 'azure-services-allowed' }).length).toBeGreaterThan(40);
    expect(rowsOf(stack, FINDINGS, { Change: 'Exempted' }).length).toBeGreaterThan(40);
  });

  test('and no message failed', async () => {
    const health = await call(stack.url, '/api/health');
    expect(health.body).toMatchObject({ failedAssessments: 0, pendingRows: 0 });
  });
});

test.each([FINDINGS, SERVERS, CHANGES, RUNS])(
  'rows of %s are bounded, well-formed and hold no controls',
  (name) => {
    const rows = stack.azure.ingested(name);
    expect(rows.length).toBeGreaterThan(0);
    expect(Math.max(...rows.map((row) => Buffer.byteLength(JSON.stringify(row))))).toBeLessThan(32 * 1024);
    const odd = rows.flatMap((row) => [...stringsIn(row)].filter((text) => !isPlain(text)));
    expect(odd).toEqual([]);
  },
);

test('rows of the state are bounded, and no name stands in a key', async () => {
  const table = stateOf(stack);
  for (const partition of [SUBSCRIPTION, keys.MONITOR, keys.RUNS]) {
    const { rows } = await table.query(partition, '!', '~');
    expect(rows.length).toBeGreaterThan(0);
    for (const { row, text } of rows) {
      expect(row).toMatch(/^[a-zA-Z0-9|-]{1,200}$/);
      expect(Buffer.byteLength(text)).toBeLessThan(900 * 1024);
    }
  }
});

test('the log holds no text of theirs', () => {
  const all = lines.join('\n');
  for (const text of HOSTILE) if (text.length > 8) expect(all.includes(text), text.slice(0, 80)).toBe(false);
});

describe('JSON routes', () => {
  test.each([
    '/api/servers?top=1000',
    '/api/servers?reach=unknown',
    '/api/servers?top=7',
    '/api/findings?state=all&top=1000',
    '/api/findings?severity=High&rule=azure-services-allowed',
    `/api/findings?state=all&server=${encodeURIComponent(IDS[3] ?? '')}`,
    '/api/openapi.json',
  ])('%s', async (path) => {
    checkJson(await call(stack.url, path));
  });

  test('every page of the findings', async () => {
    const seen = new Set<string>();
    let token = '';
    do {
      const reply = await call(stack.url, `/api/findings?state=all&top=300${token}`);
      const { value, continuationToken } = checkJson(reply) as {
        value: { findingId: string }[];
        continuationToken?: string;
      };
      for (const { findingId } of value) seen.add(findingId);
      token = continuationToken === undefined ? '' : `&continuationToken=${continuationToken}`;
    } while (token !== '');
    expect(seen.size).toBeGreaterThan(IDS.length);
  });

  test('health says what is wrong without a word of theirs', async () => {
    const { status, text } = await call(stack.url, '/api/health');
    expect([200, 503]).toContain(status);
    expect(text).toMatch(/^[ -~]*$/);
  });

  test('every sixth server, and its baseline approved for a hostile reason', async () => {
    const statuses = new Set<number>();
    for (const [index, id] of IDS.entries()) {
      if (index % 6 !== 1) continue;
      const reply = await call(stack.url, encodeURI(serverPath(id)));
      checkJson(reply);
      const reason = HOSTILE[index * 13] ?? '';
      const tag = { 'if-match': reply.headers.get('etag') ?? '' };
      const path = encodeURI(`/api/baselines${id}`);
      const approved = await call(stack.url, path, put({ reason }, tag));
      statuses.add(approved.status);
      if (approved.status === 200) checkJson(approved);
      else checkProblem(approved);
    }
    expect([...statuses]).toContain(200);
  });

  test('a scan', async () => {
    const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
    const body = JSON.stringify({ resourceIds: [IDS[1]] });
    const scanned = await call(stack.url, '/api/scans', { method: 'POST', headers, body });
    checkJson(scanned);
    const all = await call(stack.url, '/api/scans', { method: 'POST', headers, body: '{}' });
    expect(all.status).toBe(202);
    checkJson(await call(stack.url, all.headers.get('location') ?? ''));
  });
});

function checkProblem(reply: Reply): void {
  expect([400, 404, 409, 412, 413, 428]).toContain(reply.status);
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
}

describe('the report', () => {
  const ask = (accept: string): Promise<Reply> => call(stack.url, '/api/report', { headers: { accept } });

  test('as a page holds no markup, script or character of theirs', async () => {
    const reply = await ask('text/html');
    expect(reply.status).toBe(200);
    const html = reply.text;
    checkText(reply, '');
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(UNSEEN);
    expect(tagsOf(html).length).toBeGreaterThan(500);
    expect(oddTags(html)).toEqual([]);
    for (const text of HOSTILE)
      if (/<[a-z/!]/i.test(text) && text.length > 8) expect(html.includes(text), text).toBe(false);
    const data = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)?.[1];
    expect(JSON.parse(data ?? '')).toHaveProperty('servers');
  });

  test('as CSV computes nothing', async () => {
    const reply = await ask('text/csv');
    checkText(reply, '');
    const rows = cellsOf(reply.text);
    const width = rows[0]?.length ?? 0;
    expect(rows.length).toBeGreaterThan(IDS.length);
    for (const row of rows.filter(({ length }) => length > 1)) {
      expect(row).toHaveLength(width);
      for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    }
  });

  test('as SARIF is SARIF', async () => {
    const sarif = checkJson(await ask('application/sarif+json'));
    expect(sarif).toMatchObject({ version: '2.1.0' });
    const { runs } = sarif as { runs: { results: unknown[] }[] };
    expect(runs[0]?.results.length).toBeGreaterThan(IDS.length);
  });
});
