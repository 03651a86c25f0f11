import { expect, test } from 'vitest';
import { readServer } from '../../shared/azure/read-server.ts';
import { mysqlFlexible } from '../../shared/families/mysql-flexible.ts';
import type { Arm } from '../../shared/ports.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import { AT, SERVER, server } from '../builders.ts';

/** Azure, which answers every server with this body, and every list without an item. */
const answering = (body: unknown): Arm => ({
  get: () => Promise.resolve({ outcome: 'ok', body, firstAt: AT, at: AT }),
  list: () => Promise.resolve({ outcome: 'ok', body: [], firstAt: AT, at: AT }),
});

async function read(named: object) {
  const id = parseResourceId(SERVER.id);
  if (!id) throw new Error('no resource id');
  const body = {
    ...named,
    location: 'northeurope',
    sku: { tier: 'GeneralPurpose' },
    properties: { state: 'Ready', network: { publicNetworkAccess: 'Disabled' } },
  };
  const options = { endpointIds: [], inScope: () => true, last: true, now: AT };
  const reading = await readServer(answering(body), mysqlFlexible, id, options);
  if (reading.outcome !== 'read') throw new Error(reading.outcome);
  return reading.snapshot;
}

test.each<{ when: string; named: object }>([
  { when: 'its own id', named: { id: SERVER.id } },
  { when: 'its own id in odd casing', named: { id: SERVER.id.toUpperCase() } },
  { when: 'no id', named: {} },
  { when: 'an id that is no text', named: { id: 7 } },
  { when: 'a text that names no resource', named: { id: 'orders' } },
])('a body with $when is the body of the server', async ({ named }) => {
  const { network, server: ref } = await read(named);
  expect(network.publicAccess).toEqual({ value: { switch: 'disabled', raw: '"Disabled"' }, at: AT });
  expect(ref.location).toBe('northeurope');
});

test.each<{ when: string; id: string }>([
  { when: 'another server', id: server('MF', 'stock').id },
  { when: 'a server of another type', id: server('PF').id },
  { when: 'something below the server', id: `${SERVER.id}/firewallRules/office` },
])('a body of $when tells nothing of the server', async ({ id }) => {
  const { network, server: ref, found } = await read({ id, name: 'stock' });
  expect(found).toBe(true);
  expect(ref).toMatchObject({ id: SERVER.id, name: 'orders', location: '' });
  for (const facet of ['publicAccess', 'endpointConnections', 'state', 'firewallRules'] as const)
    expect(network[facet]).toEqual({ unreadable: 'not as documented: id', at: AT });
});
