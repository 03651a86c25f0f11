import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../../local/azure/index.ts';
import { call, myVersion, orders, tinyEstate } from './tiny-estate.ts';

let clock = 0;
let azure: EmbeddedAzure;
beforeEach(async () => {
  clock = Date.parse('2026-09-01T12:00:00Z');
  azure = await startAzure({ estate: tinyEstate(), now: () => new Date(clock) });
});
afterEach(() => azure.close());

const server = `${orders}?${myVersion}`;
const rules = `${orders}/firewallRules?${myVersion}`;
const graph = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';

describe('faults', () => {
  test('an answer instead of Azure’s, as often as it says, by path and method', async () => {
    azure.switches.faults.push({
      match: 'FIREWALLRULES',
      method: 'get',
      times: 2,
      status: 503,
      body: { error: { code: 'Busy' } },
      headers: { 'retry-after': '7' },
    });
    const reply = await call(azure, 'GET', rules);
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('7');
    expect(reply.body).toEqual({ error: { code: 'Busy' } });
    expect((await call(azure, 'GET', server)).status).toBe(200);
    expect((await call(azure, 'GET', rules)).status).toBe(503);
    expect((await call(azure, 'GET', rules)).status).toBe(200);
    expect(azure.counters).toMatchObject({ faults: 2, throttled: 0 });
  });

  test.each([
    { when: 'a reset does nothing', fault: { reset: true }, stored: false },
    { when: 'a lost answer was done', fault: { cutAt: 0 }, stored: true },
    { when: 'an answer that is cut was done', fault: { cutAt: 10 }, stored: true },
  ])('$when', async ({ fault, stored }) => {
    azure.switches.faults.push({ match: /firewallRules/, ...fault });
    const body = { properties: { startIpAddress: '1.1.1.1', endIpAddress: '1.1.1.1' } };
    await expect(call(azure, 'PUT', `${orders}/firewallRules/x?${myVersion}`, { body })).rejects.toThrow();
    expect(azure.estate.get(`${orders}/firewallRules/x`) !== undefined).toBe(stored);
  });

  test('a hanging request is never answered', async () => {
    azure.switches.faults.push({ match: 'flexibleServers/orders', hang: true, times: 1 });
    const pending = call(azure, 'GET', server).then(
      () => 'answered',
      () => 'closed',
    );
    expect((await call(azure, 'GET', server)).status).toBe(200);
    await azure.close();
    expect(await pending).toBe('closed');
    azure = await startAzure({ estate: tinyEstate() });
  });

  test('switches are set over HTTP, and a wrong one is named', async () => {
    const body = { latencyMs: 1, events: { duplicates: 1 }, faults: [{ match: 'x', status: 500 }] };
    const reply = await call(azure, 'PUT', '/_local/switches', { body, token: undefined });
    expect(reply.body).toMatchObject(body);
    expect(azure.switches).toMatchObject({ ...body, events: { duplicates: 1, lossRate: 0 } });
    const wrong = await call(azure, 'PUT', '/_local/switches', { body: { throttel: true } });
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(wrong.body)).toContain('throttel');
  });
});

describe('throttle', () => {
  const many = async (count: number): Promise<number[]> => {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push((await call(azure, 'GET', server)).status);
    return found;
  };

  test('the 251st read of a second is refused, and one second brings 25 more', async () => {
    azure.switches.throttle = true;
    expect(new Set(await many(250))).toEqual(new Set([200]));
    const refused = await call(azure, 'GET', server);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    clock += 1000;
    const next = await many(26);
    expect(next.slice(0, 25)).toEqual(Array.from({ length: 25 }, () => 200));
    expect(next[25]).toBe(429);
    expect(azure.counters.throttled).toBe(2);
  });

  test('the 16th query in five seconds is refused', async () => {
    azure.switches.throttle = true;
    const body = { query: 'resources | count' };
    for (let index = 0; index < 15; index += 1)
      expect((await call(azure, 'POST', graph, { body })).status).toBe(200);
    const refused = await call(azure, 'POST', graph, { body });
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'retry-after': '5',
      'x-ms-user-quota-remaining': '0',
      'x-ms-user-quota-resets-after': '00:00:05',
    });
    clock += 5000;
    expect((await call(azure, 'POST', graph, { body })).status).toBe(200);
  });
});

test('requests are counted by method and type', async () => {
  await call(azure, 'GET', server);
  await call(azure, 'GET', rules);
  await call(azure, 'GET', rules);
  expect((await call(azure, 'GET', '/_local/counters')).body).toMatchObject({
    managementCalls: 3,
    graphCalls: 0,
    byPath: {
      'GET microsoft.dbformysql/flexibleservers': 1,
      'GET microsoft.dbformysql/flexibleservers/firewallrules': 2,
    },
  });
});
