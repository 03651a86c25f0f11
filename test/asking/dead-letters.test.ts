import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { redrive } from '../../shared/asking/redrive.ts';
import type { Request } from '../../shared/asking/request.ts';
import { memoryTable } from '../simulation/memory-table.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const RETAIL = '11111111-1111-4111-8111-111111111111';
const ORDERS = `/subscriptions/${RETAIL}/resourcegroups/rg-retail-orders/providers/microsoft.dbformysql/flexibleservers/orders`;

test.each<readonly [file: string, changed: readonly string[], ignored: number]>([
  ['undelivered.eventgrid.json', ['/firewallrules/office'], 0],
  ['undelivered.cloudevents.json', [''], 0],
  // One event out of scope, one in scope, and three that are none.
  ['half-understood.json', ['/firewallrules/branch'], 4],
])('%s', async (file, changed, ignored) => {
  const requests: Request[] = [];
  const letters = new Map([[file, readFileSync(`test/fixtures/dead-letters/${file}`, 'utf8')]]);
  const ports = {
    table: memoryTable(() => NOW),
    process: { now: () => NOW, random: () => 0 },
    queue: {
      send: (request: Request) => {
        requests.push(request);
        return Promise.resolve();
      },
    },
  };
  const store = {
    names: () => Promise.resolve([...letters.keys()]),
    read: (name: string) => Promise.resolve(letters.get(name) ?? ''),
    remove: (name: string) => {
      letters.delete(name);
      return Promise.resolve();
    },
    count: () => Promise.resolve(letters.size),
  };
  const done = await redrive(ports, store, [RETAIL], 'full');
  expect(done).toEqual({ failedAssessments: 0, deadLetters: 1, ignored, dropped: 0 });
  expect(requests.map(({ resources }) => resources)).toEqual(changed.map(() => [{ id: ORDERS }]));
  expect(requests.flatMap(({ changes = [] }) => changes.map(({ resource }) => resource))).toEqual(
    changed.map((rest) => `${ORDERS}${rest}`),
  );
  expect(letters.size).toBe(0);
});
