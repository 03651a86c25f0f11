import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toRequest } from '../../shared/asking/to-request.ts';

const RETAIL = '11111111-1111-4111-8111-111111111111';
const ORDERS = `/subscriptions/${RETAIL}/resourcegroups/rg-retail-orders/providers/microsoft.dbformysql/flexibleservers/orders`;
const INSERTED = '2026-09-01T08:15:40.000Z';
const ASKED = '2026-09-01T08:00:00.000Z';

const textOf = (file: string): string =>
  readFileSync(new URL(`../fixtures/messages/${file}.json`, import.meta.url), 'utf8');

test.each<readonly [file: string, request: object | undefined]>([
  ['request-of-the-first-version', { resources: [{ id: ORDERS }], reason: 'sweep', requestedAt: ASKED }],
  [
    'request-of-a-later-version',
    { resources: [{ id: ORDERS, graphHash: 'abc' }], reason: 'recheck', requestedAt: ASKED, attempt: 2 },
  ],
  // Who sends an array sends events: what is none among them asks for nothing.
  [
    'request-beside-an-event',
    {
      resources: [{ id: ORDERS }],
      reason: 'event',
      requestedAt: INSERTED,
      changes: [expect.objectContaining({ resource: `${ORDERS}/firewallrules/office` })],
    },
  ],
  ['request-with-a-damaged-change', undefined],
])('%s', (file, request) => {
  for (const message of [textOf(file), Buffer.from(textOf(file)).toString('base64')]) {
    expect(toRequest(message, INSERTED, [RETAIL], 'full')).toEqual(request);
  }
});
