import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Exposure, exposureOf } from '../../shared/exposure.ts';
import { parseFacet } from '../../shared/families/define-family.ts';
import { firewallRules, virtualNetworkRules } from '../../shared/families/facets.ts';
import { formatRange } from '../../shared/ip-range.ts';
import type { Reading, Readings } from '../../shared/model.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy/server-policy.ts';

const ARM = new URL('../fixtures/arm/', import.meta.url);
const AT = '2026-05-20T12:00:00.000Z';
const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-data/providers';
const ORDERS = `${GROUP}/microsoft.dbformysql/flexibleservers/orders`;
const LEGACY = `${GROUP}/microsoft.dbformysql/servers/legacy-shop`;

function read<Value>(file: string, parse: (items: readonly unknown[]) => Value): Reading<Value> {
  const { value } = JSON.parse(readFileSync(new URL(`${file}.json`, ARM), 'utf8')) as { value: unknown[] };
  return parseFacet(AT, () => parse(value));
}

const rulesOf = (file: string) => read(file, (items) => firewallRules(items, ORDERS));
const subnetsOf = (file: string) => read(file, (items) => virtualNetworkRules(items, LEGACY));

/** What lists of rules admit to a server whose public access is on. */
function open(lists: Readings): Exposure {
  const network: Readings = {
    publicAccess: { value: { switch: 'enabled', raw: '"Enabled"' }, at: AT },
    delegatedSubnetId: { value: null, at: AT },
    virtualNetworkRules: { value: [], at: AT },
    ...lists,
  };
  return exposureOf(network, DEFAULT_WIDTHS);
}

interface Rules {
  readonly path: string;
  readonly ranges?: readonly string[];
  /** Names of the rules that nobody can interpret. */
  readonly invalid?: readonly string[];
}

/** The public path past each list; one rule that cannot be interpreted may admit anything. */
const LISTS: Readonly<Record<string, Rules>> = {
  'firewall-rules-none': { path: 'none' },
  'firewall-rules-azure-services-by-another-name': { path: 'azure', ranges: ['198.51.100.7'] },
  'firewall-rules-internet-in-two-halves': { path: 'internet', ranges: ['0.0.0.0/0'] },
  'firewall-rules-private-ranges': { path: 'none', ranges: ['10.0.0.0/8', '192.168.0.0/16'] },
  'firewall-rules-of-one-name': { path: 'limited', ranges: ['203.0.113.0/24'] },
  'firewall-rules-of-another-server': { path: 'limited', ranges: ['203.0.113.0/24'] },
  'firewall-rules-hostile-names': { path: 'limited', ranges: ['203.0.113.1-203.0.113.5'] },
  'firewall-rules-start-after-end': {
    path: 'unknown',
    ranges: ['198.51.100.4/31'],
    invalid: ['office'],
  },
  'firewall-rules-spaces': {
    path: 'unknown',
    ranges: ['203.0.113.5-203.0.113.6'],
    invalid: ['inside', 'no-break', 'tab'],
  },
  'firewall-rules-ipv6': { path: 'unknown', invalid: ['v6', 'mapped'] },
  'firewall-rules-leading-zeros': { path: 'unknown', invalid: ['octal', 'padded'] },
  'firewall-rules-missing-ends': { path: 'unknown', invalid: ['no-end', 'no-start', 'empty'] },
  'firewall-rules-ends-of-other-types': { path: 'unknown', invalid: ['number', 'list', 'object'] },
  'firewall-rules-under-other-names': { path: 'unknown', invalid: ['newer-api', 'sql'] },
  'firewall-rules-blocks-for-ends': { path: 'unknown', invalid: ['block', 'host', 'digits'] },
};

test.each(Object.entries(LISTS))('%s', (file, { path, ranges = [], invalid = [] }) => {
  const exposure = open({ firewallRules: rulesOf(file) });
  expect(exposure.publicPath).toBe(path);
  expect(exposure.ranges.map(formatRange)).toEqual(ranges);
  expect(exposure.invalidRules.map(({ name }) => name)).toEqual(invalid);
  expect(exposure.publicAddresses === null).toBe(invalid.length > 0);
});

/** Lists with one item that is no rule: no list, never a shorter one. */
const NO_LIST: Readonly<Record<string, string>> = {
  'firewall-rules-null-name': 'name',
  'firewall-rules-nested-lists': 'the body',
  'firewall-rules-properties-are-a-list': 'properties',
};

test.each(Object.entries(NO_LIST))('%s is not readable', (file, place) => {
  const list = rulesOf(file);
  expect(list).toEqual({ unreadable: `not as documented: ${place}`, at: AT });
  expect(open({ firewallRules: list })).toMatchObject({
    publicPath: 'unknown',
    publicAddresses: null,
    azureServices: null,
  });
});

describe('names and ids', () => {
  const idsOf = (file: string): unknown => {
    const list = rulesOf(file);
    return 'value' in list && list.value.map(({ id }) => id.replace(`${ORDERS}/firewallrules/`, ''));
  };

  test.each<readonly [file: string, ids: readonly string[]]>([
    ['firewall-rules-of-another-server', ['office']],
    ['firewall-rules-of-one-name', ['office', 'office']],
    [
      'firewall-rules-hostile-names',
      [
        '<img src=x onerror=alert(1)>',
        "x'; az group delete -n rg-data; '",
        '../../stock',
        'office\u202egnp',
        '__proto__',
      ],
    ],
  ])('%s stay with the server that was asked', (file, ids) => {
    expect(idsOf(file)).toEqual(ids);
  });

  test('the rule that admits all of Azure counts by its addresses, whatever its name', () => {
    const { azureRules, azureServices } = open({
      firewallRules: rulesOf('firewall-rules-azure-services-by-another-name'),
    });
    expect(azureRules.map(({ name }) => name)).toEqual(['head-office']);
    expect(azureServices).toBe(true);
  });
});

describe('virtual network rules', () => {
  const SUBNET = `${GROUP}/microsoft.network/virtualnetworks/vnet-data/subnets/databases`;
  test.each<readonly [file: string, subnets: unknown, path: string]>([
    ['virtual-network-rules-without-subnet', [null, null, null, null], 'vnet-rules'],
    ['virtual-network-rules-not-ready', [SUBNET], 'vnet-rules'],
    [
      'virtual-network-rules-subnet-is-an-object',
      'not as documented: properties.virtualNetworkSubnetId',
      'unknown',
    ],
  ])('%s', (file, subnets, path) => {
    const list = subnetsOf(file);
    expect('value' in list ? list.value.map(({ subnetId }) => subnetId) : list.unreadable).toEqual(subnets);
    const rules = { value: [], at: AT };
    expect(open({ firewallRules: rules, virtualNetworkRules: list }).publicPath).toBe(path);
  });
});

test('every list of firewall rules stands in one of the tables', () => {
  const files = readdirSync(ARM).filter((file) => file.startsWith('firewall-rules-'));
  const named = [...Object.keys(LISTS), ...Object.keys(NO_LIST)].map((file) => `${file}.json`);
  expect(files.sort()).toEqual(named.sort());
});
