import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateEstate, loadEstate, startAzure } from '../../../local/azure/index.ts';
import { orders, shop, stock, tenant, tinyEstate } from './tiny-estate.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estate-'));
});
afterEach(() => rm(folder, { recursive: true }));

const save = (name: string, value: unknown): Promise<void> =>
  writeFile(join(folder, name), JSON.stringify(value));
const subscriptions = [{ subscriptionId: shop, displayName: 'Shop', tenantId: tenant }];

test('the files of a folder become one estate', async () => {
  await save('1-subscriptions.json', { subscriptions });
  await save('2-servers.json', { resources: [{ id: orders }, { id: stock }] });
  const estate = await loadEstate(folder);
  expect(estate.subscriptions).toEqual([{ ...subscriptions[0], readable: true, state: 'Enabled' }]);
  expect(estate.resources.map((item) => item.id)).toEqual([orders, stock]);
});

describe('a wrong estate is refused with its place', () => {
  test.each([
    {
      when: 'an unknown key',
      value: { subscriptions, resources: [{ id: orders, tag: {} }] },
      message: /a\.json: resources\.0: .*tag/,
    },
    {
      when: 'an id that is none',
      value: { subscriptions, resources: [{ id: '/servers/x' }] },
      message: /a\.json: resources\.0\.id: is not the id/,
    },
    {
      when: 'an undeclared subscription',
      value: { resources: [{ id: orders }] },
      message: /subscription is not declared/,
    },
    {
      when: 'the same id twice',
      value: { subscriptions, resources: [{ id: orders }, { id: orders.toUpperCase() }] },
      message: /declared twice/,
    },
    {
      when: 'an undeclared management group',
      value: { subscriptions: [{ ...subscriptions[0], managementGroup: 'mg-none' }] },
      message: /mg-none is not declared/,
    },
    {
      when: 'a parent that is missing',
      value: { managementGroups: [{ name: 'a', parent: 'b' }] },
      message: /parent b is not declared/,
    },
  ])('$when', async ({ value, message }) => {
    await save('a.json', value);
    await expect(loadEstate(folder)).rejects.toThrow(message);
  });

  test('an empty folder', async () => {
    await expect(loadEstate(folder)).rejects.toThrow('holds no *.json file');
  });
});

test('a generated estate is the same every time and has the numbers asked for', () => {
  const size = { servers: 200, rulesPerServer: 10, subscriptions: 4 };
  const estate = generateEstate(size);
  expect(estate).toEqual(generateEstate(size));
  expect(estate.resources).toHaveLength(200);
  expect(estate.subscriptions).toHaveLength(4);
  const rules = estate.resources.map((item) => Object.values(item.children['firewallRules'] ?? {}));
  expect(rules.every((list) => list.length === 10)).toBe(true);
  const open = rules.filter((list) => list.some((rule) => rule['endIpAddress'] === '255.255.255.255'));
  expect(open).toHaveLength(10);
});

test('the live estate reads and changes by id, and refuses what is no id', async () => {
  const azure = await startAzure({ estate: tinyEstate() });
  expect(azure.estate.list(`${orders}/firewallRules`)).toHaveLength(3);
  expect(azure.estate.put(`${orders}/firewallRules/x`, { properties: {} })).toMatchObject({ name: 'x' });
  expect(azure.estate.delete(`${orders}/FIREWALLRULES/X`)).toBe(true);
  expect(azure.estate.delete(`${orders}/firewallRules/x`)).toBe(false);
  expect(azure.estate.ids()).toContain(orders);
  expect(() => azure.estate.get('orders')).toThrow('orders is not the id of a resource.');
  await azure.close();
});
