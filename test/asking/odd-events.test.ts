import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { understand } from '../../shared/asking/event.ts';
import { type Actor, Change } from '../../shared/asking/request.ts';

const FOLDER = new URL('../fixtures/events/odd/', import.meta.url);
const RETAIL = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${RETAIL}/resourcegroups`;
const ORDERS = `${GROUP}/rg-retail-orders/providers/microsoft.dbformysql/flexibleservers/orders`;
const OFFICE = `${ORDERS}/firewallrules/office`;
const ABROAD = `${GROUP}/rg-retail-größe/providers/microsoft.dbformysql/flexibleservers/orders`;

function read(file: string) {
  const value: unknown = JSON.parse(readFileSync(new URL(`${file}.json`, FOLDER), 'utf8'));
  const [event] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return understand(event, (subscription) => subscription === RETAIL, 'full');
}

interface Expected {
  readonly about: string;
  readonly resource: string;
  readonly actor?: Actor;
  readonly correlationId?: string;
  readonly status?: string;
}

const NOBODY: Actor = { name: '', id: '', type: '', address: '' };
const DANA: Actor = {
  name: 'dana@contoso.example',
  id: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee01',
  type: 'User',
  address: '203.0.113.7',
};

const CONCERNS: Readonly<Record<string, Expected>> = {
  'claims-missing.eventgrid': { about: ORDERS, resource: OFFICE },
  'principal-type-unlisted.cloudevents': {
    about: ORDERS,
    resource: OFFICE,
    actor: { ...NOBODY, id: '77777777-7777-4777-8777-777777777701' },
  },
  'managed-identity-claim-is-a-list.cloudevents': {
    about: ORDERS,
    resource: OFFICE,
    actor: { ...NOBODY, id: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee03', type: 'ServicePrincipal' },
  },
  'claims-very-long.eventgrid': {
    about: ORDERS,
    resource: OFFICE,
    actor: {
      name: `${'d'.repeat(255)}…`,
      id: `${'e'.repeat(127)}…`,
      type: 'User',
      address: `2001:db8:${'0'.repeat(54)}…`,
    },
    correlationId: `${'c'.repeat(127)}…`,
  },
  'rule-name-in-another-alphabet.cloudevents': {
    about: ABROAD,
    resource: `${ABROAD}/firewallrules/büro-zürich`,
    actor: DANA,
  },
  // The subject is the event's own word for what it is about: nothing else that it names is read.
  'subject-and-uri-disagree.eventgrid': { about: ORDERS, resource: ORDERS },
  'lock-on-a-server.cloudevents': {
    about: ORDERS,
    resource: `${ORDERS}/providers/microsoft.authorization/locks/keep`,
    actor: DANA,
  },
  // Accepted for its `type`, whatever its `eventType` says.
  'both-schemas-at-once.cloudevents': { about: ORDERS, resource: ORDERS, status: 'Failed' },
};

test.each(Object.entries(CONCERNS))('%s', (file, { about, resource, actor = NOBODY, ...expected }) => {
  const understood = read(file);
  expect(understood).toMatchObject({
    outcome: 'concerns',
    resource: { id: about },
    change: { resource, actor, ...expected },
  });
  expect(understood.outcome === 'concerns' && Change.safeParse(understood.change).success).toBe(true);
});

const DROPPED: Readonly<Record<string, object>> = {
  'subject-climbs-out-of-its-server.eventgrid': { outcome: 'malformed', why: 'not a resource id' },
  'subject-with-markup.cloudevents': { outcome: 'malformed', why: 'not a resource id' },
  'subject-in-lookalike-letters.cloudevents': { outcome: 'malformed', why: 'not a resource id' },
  'subject-longer-than-an-id.eventgrid': { outcome: 'malformed', why: 'not a resource id' },
  'data-is-a-list.cloudevents': { outcome: 'malformed', why: 'no data' },
  'resource-group-delete.eventgrid': { outcome: 'ignored', why: 'not a resource' },
  'deployment-of-a-subscription.eventgrid': { outcome: 'ignored', why: 'not a resource' },
};

describe('what leads to nothing', () => {
  test.each(Object.entries(DROPPED))('%s', (file, expected) => {
    const understood = read(file);
    expect(understood).toMatchObject(expected);
    expect(understood).not.toHaveProperty('resource');
  });
});

test('every odd event stands in one of the tables', () => {
  const named = [...Object.keys(CONCERNS), ...Object.keys(DROPPED)].map((file) => `${file}.json`);
  expect(readdirSync(FOLDER).sort()).toEqual(named.sort());
});
