import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNow } from '../../local/api-client.ts';
import type { Stack } from '../../local/stack.ts';
import { CHANGES, rowsOf, RUNS, SERVERS, startCloud, sweepToEnd, until } from './cloud.ts';
import { faults, graphFaults, LINKS, lureEstate, lureEvents } from './egress/lures.ts';
import { startTrap, type Trap } from './egress/trap.ts';
import { serverId } from './estate.ts';

const RECORDER = `--import=${pathToFileURL(join(import.meta.dirname, 'egress', 'record-sockets.ts')).href}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exposure-egress-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What left the process whose log this is, each once; loopback has two addresses and a name. */
async function leftBy(log: string): Promise<ReadonlySet<string>> {
  const text = await readFile(log, 'utf8');
  return new Set(
    text
      .trim()
      .split('\n')
      .map((line) => line.replace(/^tcp (127\.0\.0\.1|::1):/, 'tcp loopback:')),
  );
}

const door = (url: string): string => `tcp loopback:${new URL(url).port}`;

describe('the app on an estate full of addresses', () => {
  let trap: Trap;
  let stack: Stack;
  let log: string;

  beforeAll(async () => {
    trap = await startTrap();
    log = join(folder, 'app.log');
    stack = await startCloud(lureEstate(trap), { settings: { NODE_OPTIONS: RECORDER, EGRESS_LOG: log } });
  });
  afterAll(async () => {
    await stack.close();
    await trap.close();
  });

  const post = (
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    fetch(`${stack.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-host': trap.host, ...headers },
      body: JSON.stringify(body),
    });
  const unreadable = (): readonly string[] =>
    rowsOf(stack, SERVERS, { Complete: false }).map((row) => String(row['ServerName']));

  test('sweeps, and reads no further where an answer leads away', async () => {
    stack.azure.switches.faults = faults(trap, stack.azure.url);
    await runNow(stack.url, 'sweep');
    const publish = async (): Promise<boolean> => {
      await runNow(stack.url, 'publishPending');
      await pause(150);
      return rowsOf(stack, RUNS, { Kind: 'Sweep' }).length > 0;
    };
    // What the token, the listing or the rows were sent away with comes again by itself, after its waits.
    await until('the row of the first run', publish, 60);
    const run = await sweepToEnd(stack);
    expect(run).toMatchObject({ Expected: LINKS + 5, Partial: false });
    const links = Array.from({ length: LINKS }, (_, index) => `link${index}`);
    const names = [...links, 'moved', 'later', 'challenged'];
    await until('a row of each', () => names.every((name) => unreadable().includes(name)));
    const rows = rowsOf(stack, SERVERS).filter(({ ServerName }) => links.includes(String(ServerName)));
    expect(new Set(rows.map(({ Unreadable }) => JSON.stringify(Unreadable)))).toEqual(
      new Set(['{"firewallRules":"the next page is on another host"}']),
    );
    expect(stack.azure.switches.faults.filter(({ times }) => times !== undefined)).toMatchObject(
      Array.from({ length: 4 }, () => ({ times: 0 })),
    );
  }, 90_000);

  test('sweeps what Resource Graph makes up', async () => {
    stack.azure.switches.faults = graphFaults(trap);
    const run = await sweepToEnd(stack);
    expect(run).toMatchObject({ Partial: true });
    expect(stack.azure.switches.faults).toMatchObject([{ times: 0 }, { times: 0 }]);
  });

  test('takes events and a handshake', async () => {
    const events = lureEvents(trap);
    expect(await stack.azure.sendEvents(events)).toEqual([202]);
    const last = `lure-${events.length - 1}`;
    await until('the row of the last event', () => rowsOf(stack, CHANGES, { EventId: last }).length === 1);
    const webhook = '/runtime/webhooks/eventgrid?functionName=onResourceChange';
    const handshake = [{ ...events[0], eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent' }];
    const { status } = await post(webhook, handshake, { 'aeg-event-type': 'SubscriptionValidation' });
    expect(status).toBe(200);
  });

  test('scans what exists, and no address', async () => {
    expect((await post('/api/scans', { resourceIds: [`https://${trap.host}/`] })).status).toBe(400);
    expect((await post('/api/scans', { resourceIds: [serverId('plain'), serverId('lure')] })).status).toBe(
      202,
    );
    await until('the row of the scan', async () => {
      await runNow(stack.url, 'publishPending');
      return rowsOf(stack, RUNS, { Kind: 'Scan' }).length === 1;
    });
  });

  test('has called Azure, the identity endpoint and its own storage, and nothing else', async () => {
    const { azure, azurite } = stack;
    await until('the count of dead letters', async () => (await leftBy(log)).has(door(azurite.blobUrl)));
    const expected = [azure.url, azure.identityEndpoint, azurite.blobUrl, azurite.queueUrl, azurite.tableUrl];
    expect(await leftBy(log)).toEqual(new Set([...expected.map(door), 'name localhost']));
    expect(trap.connections()).toBe(0);
    expect(trap.tokens).toEqual([]);
  });
});

describe('the counter and the trap see', () => {
  test.each([
    {
      when: 'fetch',
      dial: "fetch('http://HOST', { headers: { authorization: 'Bearer x' } })",
      tokens: ['Bearer x'],
    },
    { when: 'fetch over TLS', dial: "fetch('https://HOST').catch(() => 0)", tokens: [] },
    { when: 'https', dial: "require('node:https').get('https://HOST').on('error', () => 0)", tokens: [] },
    { when: 'a bare socket', dial: "require('node:net').connect(PORT, '127.0.0.1').end()", tokens: [] },
    {
      when: 'HTTP/2',
      dial: "require('node:http2').connect('https://HOST').on('error', () => 0)",
      tokens: [],
    },
  ])('$when', async ({ when, dial, tokens }) => {
    const trap = await startTrap();
    const log = join(folder, `${when.replaceAll(/\W/g, '-')}.log`);
    const script = dial.replaceAll('HOST', trap.host).replaceAll('PORT', String(trap.port));
    const child = spawn(process.execPath, [RECORDER, '--eval', script], {
      env: { PATH: process.env.PATH, EGRESS_LOG: log },
      stdio: 'inherit',
    });
    await once(child, 'exit');
    expect(await leftBy(log)).toEqual(new Set([`tcp loopback:${trap.port}`]));
    expect(trap.connections()).toBe(1);
    expect(trap.tokens).toEqual(tokens);
    await trap.close();
  });

  test('a name that is only looked up', async () => {
    const log = join(folder, 'name.log');
    const script = "require('node:dns').lookup('trap.invalid', () => 0)";
    const child = spawn(process.execPath, [RECORDER, '--eval', script], {
      env: { PATH: process.env.PATH, EGRESS_LOG: log },
      stdio: 'inherit',
    });
    await once(child, 'exit');
    expect(await leftBy(log)).toEqual(new Set(['name trap.invalid']));
  });
});
