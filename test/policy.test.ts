import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import type { Rule } from '../shared/model.ts';
import {
  DEFAULT_SETTINGS,
  parsePolicy,
  type ParsedPolicy,
  policyJsonSchema,
  RANGE_RULES,
} from '../shared/policy.ts';
import * as registry from '../shared/rules/index.ts';
import { ranges } from './builders.ts';

const RULES: readonly Rule[] = Object.values(registry);
const NOW = '2026-11-21T12:00:00Z';
const GUID = '0000000A-0000-0000-0000-000000000000';
const TERMS = { reason: 'moves in May', owner: 'shop team', expires: '2027-01-31' };
const WIDE = { rule: 'wide-public-range', server: '*', upTo: { ranges: ['203.0.113.0/28'] }, ...TERMS };
const RETIRED = { rule: 'retired-service', server: '*', upTo: { severity: 'High' }, ...TERMS };
const PENDING = { rule: 'endpoint-pending', subject: '/x/y', ...TERMS };

function parse(value: unknown): ReturnType<typeof parsePolicy> {
  return parsePolicy(typeof value === 'string' ? value : JSON.stringify(value), RULES, NOW);
}

function valid(value: unknown): ParsedPolicy {
  const result = parse(value);
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.policy;
}

test('an empty policy is the built-in defaults', () => {
  expect(parse({})).toEqual({
    policy: {
      defaults: { profile: 'private', maxPublicAddresses: 2048, maxAddressesPerRange: 256 },
      approvedRanges: [],
      approvedSubscriptions: [],
      servers: [],
      disabledRules: [],
      settings: DEFAULT_SETTINGS,
      exemptions: [],
    },
    warnings: [],
  });
});

test('the policy that comes with the app is valid, and says what holds without it', () => {
  const text = readFileSync(new URL('../policy.json', import.meta.url), 'utf8');
  expect(parse(text)).toEqual(parse({}));
});

test('a full policy', () => {
  const policy = valid({
    $schema: './policy.schema.json',
    defaults: { profile: 'restricted', maxPublicAddresses: 10 },
    approvedRanges: ['203.0.113.0/25', '203.0.113.128/25', '198.51.100.7', '198.51.100.8-198.51.100.9'],
    approvedSubscriptions: [GUID],
    servers: [
      { match: { id: '*/Orders', subscription: GUID, resourceGroup: 'RG' }, maxAddressesPerRange: 0 },
    ],
    rules: {
      'too-many-firewall-rules': { enabled: false },
      'public-access-enabled': { enabled: true },
      'stale-temporary-rule': { maxAgeDays: 3 },
      'endpoint-foreign-tenant': { trustedTenants: [GUID] },
    },
    exemptions: [WIDE, RETIRED, PENDING],
  });
  const midnight = Date.parse('2027-02-01T00:00:00Z');
  expect(policy).toEqual({
    defaults: { profile: 'restricted', maxPublicAddresses: 10, maxAddressesPerRange: 256 },
    approvedRanges: ranges('198.51.100.7-198.51.100.9', '203.0.113.0-203.0.113.255'),
    approvedSubscriptions: [GUID.toLowerCase()],
    servers: [
      {
        match: { id: '*/orders', subscription: GUID.toLowerCase(), resourceGroup: 'rg' },
        sets: { profile: 'restricted', maxPublicAddresses: 10, maxAddressesPerRange: 0 },
      },
    ],
    disabledRules: ['too-many-firewall-rules'],
    settings: {
      ...DEFAULT_SETTINGS,
      'stale-temporary-rule': { ...DEFAULT_SETTINGS['stale-temporary-rule'], maxAgeDays: 3 },
      'endpoint-foreign-tenant': { trustedTenants: [GUID], tenantListComplete: false },
    },
    exemptions: [
      {
        ...TERMS,
        rule: 'wide-public-range',
        server: '*',
        subject: null,
        ranges: ranges('203.0.113.0-203.0.113.15'),
        severity: null,
        endsAt: midnight,
      },
      {
        ...TERMS,
        rule: 'retired-service',
        server: '*',
        subject: null,
        ranges: null,
        severity: 'High',
        endsAt: midnight,
      },
      {
        ...TERMS,
        rule: 'endpoint-pending',
        server: '*',
        subject: '/x/y',
        ranges: null,
        severity: null,
        endsAt: midnight,
      },
    ],
  });
});

test('errors stand in the order of the lines, with line, key and what is allowed', () => {
  const text = `{
  "defaults": {
    "profile": "public",
    "maxPublicAddresses": 10.5
  },
  "approvedRanges": ["203.0.113.0/24",
    "203.0.113.0/33"],
  "rules": { "endpoint-pending": { "maxHours": 3 } },
  "exemptions": [
    { "rule": "wide-public-range", "server": "*", "upTo": {},
      "reason": " ", "owner": "me", "expires": "2027-02-29" }
  ],
  "exemption": []
}`;
  expect(parse(text)).toEqual({
    errors: [
      'line 3: defaults.profile must be "private", "restricted" or "open"',
      'line 4: defaults.maxPublicAddresses must be a whole number from 0 to 4294967296',
      'line 7: approvedRanges[1] must be an IPv4 block, range or address, such as 203.0.113.0/24, 203.0.113.1-203.0.113.9 or 203.0.113.5',
      'line 8: rules.endpoint-pending.maxHours is not a key here; there are: enabled, pendingHours',
      'line 10: exemptions[0].upTo.ranges is missing; it must be a list of at most 5000 blocks',
      'line 11: exemptions[0].reason must be a text of at most 1000 characters that you write yourself',
      'line 11: exemptions[0].expires must be a day such as 2027-01-31 (to its end, UTC) or a time such as 2027-01-31T12:00:00Z',
      'line 13: exemption is not a key here; did you mean "exemptions"?',
    ],
  });
});

test('a key that is missing is said of the line of what should hold it', () => {
  const text = `{
  "exemptions": [
    {
      "rule": "wide-public-range",
      "upTo": {
      },
      "reason": "moves in May", "owner": "shop team", "expires": "2027-01-31"
    }
  ],
  "defaults": { "profile": "public" }
}`;
  expect(parse(text)).toEqual({
    errors: [
      'line 3: exemptions[0].server is missing; it must be a resource id, with * for any characters',
      'line 5: exemptions[0].upTo.ranges is missing; it must be a list of at most 5000 blocks',
      'line 10: defaults.profile must be "private", "restricted" or "open"',
    ],
  });
});

test('reason and owner are kept without the spaces around them', () => {
  const { exemptions } = valid(exempt({ reason: ' moves in May\n', owner: '\tshop team ' }));
  expect(exemptions).toMatchObject([{ reason: 'moves in May', owner: 'shop team' }]);
});

interface Case {
  readonly when: string;
  readonly policy: unknown;
  /** Begins one of the errors, after the line. */
  readonly error?: string;
  /** A JSON Schema cannot say it. */
  readonly parserOnly?: boolean;
}

const exempt = (more: object, less: readonly string[] = [], from: object = WIDE): unknown => {
  const entries = Object.entries({ ...from, ...more }).filter(([key]) => !less.includes(key));
  return { exemptions: [Object.fromEntries(entries)] };
};

const GOOD: readonly Case[] = [
  { when: 'nothing', policy: {} },
  { when: 'each profile', policy: { servers: [{ match: { id: '*' }, profile: 'open' }] } },
  { when: 'limits of zero', policy: { defaults: { maxPublicAddresses: 0, maxAddressesPerRange: 0 } } },
  { when: 'a block of everything', policy: { approvedRanges: ['0.0.0.0/0'] } },
  { when: 'the last address', policy: { approvedRanges: ['255.255.255.255'] } },
  { when: 'a time as end', policy: exempt({ expires: '2027-01-31T12:00:00Z' }) },
  { when: 'a time with an offset', policy: exempt({ expires: '2027-01-31T12:00:00.5+05:30' }) },
  { when: 'a leap day', policy: exempt({ expires: '2028-02-29' }) },
  { when: 'a severity beside ranges', policy: exempt({ upTo: { ranges: ['1.2.3.4'], severity: 'High' } }) },
  { when: 'no range at all', policy: exempt({ upTo: { ranges: [] } }) },
  { when: 'a subject and its server', policy: exempt({ server: '*/orders' }, [], PENDING) },
  { when: 'a subject and a severity', policy: exempt({ upTo: { severity: 'Low' } }, [], PENDING) },
  { when: 'a rule switched off', policy: { rules: { 'retired-service': { enabled: false } } } },
  { when: 'a pattern for names', policy: { rules: { 'stale-temporary-rule': { namePatterns: ['^tmp'] } } } },
];

const BAD: readonly Case[] = [
  { when: 'a list', policy: [], error: 'the policy must be an object' },
  { when: 'a text', policy: '"x"', error: 'the policy must be an object' },
  { when: 'another key', policy: { profiles: {} }, error: 'profiles is not a key here' },
  {
    when: 'another profile',
    policy: { defaults: { profile: 'Private' } },
    error: 'defaults.profile must be',
  },
  {
    when: 'a key that defaults has not',
    policy: { defaults: { allowPublic: true } },
    error: 'defaults.allowPublic',
  },
  { when: 'a fraction', policy: { defaults: { maxPublicAddresses: 1.5 } }, error: 'defaults.maxPublic' },
  {
    when: 'too large a number',
    policy: { defaults: { maxPublicAddresses: 4294967297 } },
    error: 'defaults.maxP',
  },
  {
    when: 'a number beyond all',
    policy: '{"defaults": {"maxPublicAddresses": 1e999}}',
    error: 'defaults.maxP',
  },
  { when: 'null', policy: { defaults: null }, error: 'defaults must be an object' },
  { when: 'an octet of 256', policy: { approvedRanges: ['203.0.113.256'] }, error: 'approvedRanges[0] must' },
  { when: 'a leading zero', policy: { approvedRanges: ['203.0.113.01'] }, error: 'approvedRanges[0] must' },
  { when: 'IPv6', policy: { approvedRanges: ['2001:db8::/32'] }, error: 'approvedRanges[0] must' },
  {
    when: 'a line end after an address',
    policy: { approvedRanges: ['1.2.3.4\n'] },
    error: 'approvedRanges[0] must',
  },
  {
    when: 'a range from behind',
    policy: { approvedRanges: ['203.0.113.9-203.0.113.1'] },
    error: 'approvedRanges[0] must not end before it begins',
    parserOnly: true,
  },
  {
    when: 'a range of an exemption from behind',
    policy: exempt({ upTo: { ranges: ['203.0.113.1', '203.0.113.9-203.0.113.1'] } }),
    error: 'exemptions[0].upTo.ranges[1] must not end before it begins',
    parserOnly: true,
  },
  {
    when: 'no GUID',
    policy: { approvedSubscriptions: ['prod'] },
    error: 'approvedSubscriptions[0] must be a GUID',
  },
  {
    when: 'an entry without match',
    policy: { servers: [{ profile: 'open' }] },
    error: 'servers[0].match is missing',
  },
  { when: 'an empty match', policy: { servers: [{ match: {} }] }, error: 'servers[0].match must hold a key' },
  {
    when: 'a match by no tag',
    policy: { servers: [{ match: { tags: {} } }] },
    error: 'servers[0].match.tags must',
  },
  {
    when: 'a match by name',
    policy: { servers: [{ match: { name: 'x' } }] },
    error: 'servers[0].match.name is not',
  },
  {
    when: 'a tag that is a number',
    policy: { servers: [{ match: { tags: { a: 1 } } }] },
    error: 'servers[0].match.tags.a',
  },
  {
    when: 'an unknown rule',
    policy: { rules: { 'wide-range': {} } },
    error: 'rules.wide-range is not a rule',
  },
  {
    when: 'a mistyped rule',
    policy: { rules: { 'wide-public-ranges': {} } },
    error: 'rules.wide-public-ranges is not a rule; did you mean "wide-public-range"?',
  },
  {
    when: 'a setting of another rule',
    policy: { rules: { 'retired-service': { maxAgeDays: 3 } } },
    error: 'rules.retired-service.maxAgeDays is not a key here; there are: enabled',
  },
  {
    when: 'enabled as a text',
    policy: { rules: { 'retired-service': { enabled: 'no' } } },
    error: 'rules.retired-service.enabled must be true or false',
  },
  {
    when: 'a pattern that never ends',
    policy: { rules: { 'stale-temporary-rule': { namePatterns: ['^x', '(a+)+$'] } } },
    error: 'rules.stale-temporary-rule.namePatterns[1] holds a quantifier on a group',
    parserOnly: true,
  },
  {
    when: 'an exemption without reason',
    policy: exempt({}, ['reason']),
    error: 'exemptions[0].reason is missing',
  },
  {
    when: 'an exemption without owner',
    policy: exempt({}, ['owner']),
    error: 'exemptions[0].owner is missing',
  },
  {
    when: 'an exemption without end',
    policy: exempt({}, ['expires']),
    error: 'exemptions[0].expires is missing',
  },
  {
    when: 'an exemption without content',
    policy: exempt({}, ['upTo']),
    error: 'exemptions[0].upTo is missing',
  },
  {
    when: 'an exemption without server',
    policy: exempt({}, ['server']),
    error: 'exemptions[0].server is missing',
  },
  { when: 'an exemption without rule', policy: exempt({}, ['rule']), error: 'exemptions[0].rule is missing' },
  {
    when: 'an owner that is blank',
    policy: exempt({ owner: '\t ' }),
    error: 'exemptions[0].owner must be a text',
  },
  {
    when: 'the placeholder',
    policy: exempt({ owner: '<who answers for it>' }),
    error: 'exemptions[0].owner must be',
  },
  {
    when: 'a rule that is not',
    policy: exempt({ rule: 'latent-rules' }),
    error: 'exemptions[0].rule must be',
  },
  {
    when: 'a mistyped rule to exempt',
    policy: exempt({ rule: 'internet-rechable' }),
    error: 'exemptions[0].rule is not a rule; did you mean "internet-reachable"?',
  },
  {
    when: 'a severity where ranges are asked for',
    policy: exempt({ upTo: { severity: 'High' } }),
    error: 'exemptions[0].upTo.ranges is missing',
  },
  {
    when: 'ranges where a severity is asked for',
    policy: exempt({ upTo: { ranges: ['1.2.3.4'] } }, [], RETIRED),
    error: 'exemptions[0].upTo.ranges is not a key here',
  },
  {
    when: 'another severity',
    policy: exempt({ upTo: { severity: 'high' } }, [], RETIRED),
    error: 'exemptions[0].upTo.severity must be one of',
  },
  {
    when: 'no subject',
    policy: exempt({ server: '*' }, ['subject'], PENDING),
    error: 'exemptions[0].subject is missing',
  },
  {
    when: 'a day that is not',
    policy: exempt({ expires: '2027-02-30' }),
    error: 'exemptions[0].expires must be a day',
  },
  {
    when: 'a time without a zone',
    policy: exempt({ expires: '2027-01-31T12:00:00' }),
    error: 'exemptions[0].expires must',
  },
  {
    when: 'a day as people write it',
    policy: exempt({ expires: '31.1.2027' }),
    error: 'exemptions[0].expires must',
  },
  {
    when: 'an end as a number',
    policy: exempt({ expires: 1_800_000_000 }),
    error: 'exemptions[0].expires must',
  },
];

test.each(GOOD)('valid: $when', ({ policy }) => {
  expect(parse(policy)).toHaveProperty('policy');
});

test.each(BAD)('invalid: $when', ({ policy, error = '' }) => {
  const result = parse(policy);
  if (!('errors' in result)) throw new Error('it is valid');
  expect(result.errors[0]).toMatch(/^line 1: [ -~]+$/);
  expect(
    result.errors.map((line) => line.slice('line 1: '.length, 'line 1: '.length + error.length)),
  ).toContain(error);
});

const LIST = 'must be a list of at most 5000';
const ID = 'must be a resource id, with * for any characters';
const OWN = 'must be a text of at most 1000 characters that you write yourself';
const KEYS =
  'is not a key here; there are: $schema, defaults, approvedRanges, approvedSubscriptions, servers, rules, exemptions';
const GUIDS = Array.from({ length: 5001 }, () => GUID);

test.each<{ when: string; policy: unknown; errors: readonly string[] }>([
  { when: '$schema', policy: { $schema: 1 }, errors: ['$schema must be a text'] },
  { when: 'ranges', policy: { approvedRanges: {} }, errors: [`approvedRanges ${LIST} blocks`] },
  {
    when: 'a range',
    policy: { approvedRanges: [1] },
    errors: [
      'approvedRanges[0] must be an IPv4 block, range or address, such as 203.0.113.0/24, 203.0.113.1-203.0.113.9 or 203.0.113.5',
    ],
  },
  {
    when: 'subscriptions',
    policy: { approvedSubscriptions: {} },
    errors: [`approvedSubscriptions ${LIST} GUIDs`],
  },
  {
    when: 'a subscription',
    policy: { approvedSubscriptions: [1] },
    errors: ['approvedSubscriptions[0] must be a GUID'],
  },
  {
    when: 'too many subscriptions',
    policy: { approvedSubscriptions: GUIDS },
    errors: [`approvedSubscriptions ${LIST} GUIDs`],
  },
  { when: 'entries', policy: { servers: {} }, errors: [`servers ${LIST} entries`] },
  { when: 'exemptions', policy: { exemptions: {} }, errors: [`exemptions ${LIST} exemptions`] },
  {
    when: 'patterns',
    policy: { rules: { 'stale-temporary-rule': { namePatterns: '^tmp' } } },
    errors: [`rules.stale-temporary-rule.namePatterns ${LIST} regular expressions`],
  },
  {
    when: 'a pattern',
    policy: { rules: { 'stale-temporary-rule': { namePatterns: [''] } } },
    errors: [
      'rules.stale-temporary-rule.namePatterns[0] must be a regular expression of at most 200 characters',
    ],
  },
  {
    when: 'tenants',
    policy: { rules: { 'endpoint-foreign-tenant': { trustedTenants: '' } } },
    errors: [`rules.endpoint-foreign-tenant.trustedTenants ${LIST} GUIDs`],
  },
  {
    when: 'approvers',
    policy: { rules: { 'endpoint-newly-approved': { approvers: '' } } },
    errors: [`rules.endpoint-newly-approved.approvers ${LIST} GUIDs`],
  },
  {
    when: 'an id to match',
    policy: { servers: [{ match: { id: '' } }] },
    errors: [`servers[0].match.id ${ID}`],
  },
  {
    when: 'an id to match that is no text',
    policy: { servers: [{ match: { id: 1 } }] },
    errors: [`servers[0].match.id ${ID}`],
  },
  {
    when: 'an id to match that is too long',
    policy: { servers: [{ match: { id: '*'.repeat(2049) } }] },
    errors: [`servers[0].match.id ${ID}`],
  },
  {
    when: 'a group to match',
    policy: { servers: [{ match: { resourceGroup: 'a'.repeat(91) } }] },
    errors: ['servers[0].match.resourceGroup must be the name of a resource group'],
  },
  {
    when: 'tags',
    policy: { servers: [{ match: { tags: 'Env' } }] },
    errors: ['servers[0].match.tags must be an object of tag names and values'],
  },
  {
    when: 'no tag',
    policy: { servers: [{ match: { tags: {} } }] },
    errors: ['servers[0].match.tags must name a tag at least'],
  },
  {
    when: 'a tag',
    policy: { servers: [{ match: { tags: { Env: true } } }] },
    errors: ['servers[0].match.tags.Env must be the text that the tag has'],
  },
  {
    when: 'a reason that is no text',
    policy: exempt({ reason: 1 }),
    errors: [`exemptions[0].reason ${OWN}`],
  },
  {
    when: 'a reason that is long and blank',
    policy: exempt({ reason: ' '.repeat(1001) }),
    errors: [`exemptions[0].reason ${OWN}`],
  },
  {
    when: 'a severity',
    policy: exempt({ upTo: { severity: 'high' } }, [], RETIRED),
    errors: ['exemptions[0].upTo.severity must be one of Critical, High, Medium, Low, Informational'],
  },
  { when: 'a server', policy: exempt({ server: '' }), errors: [`exemptions[0].server ${ID}`] },
  {
    when: 'a subject',
    policy: exempt({ subject: '' }, [], PENDING),
    errors: ['exemptions[0].subject must be the subject of the finding'],
  },
  {
    when: 'a rule that is like none',
    policy: { rules: { firewall: {} } },
    errors: ['rules.firewall is not a rule'],
  },
  {
    when: 'two other keys',
    policy: { default: {}, exemption: [] },
    errors: [`default ${KEYS}`, `exemption ${KEYS}`],
  },
])('what is allowed, in full: $when', ({ policy, errors }) => {
  expect(parse(policy)).toEqual({ errors: errors.map((error) => `line 1: ${error}`) });
});

test('a hundred errors are enough', () => {
  const bad = (count: number): unknown => ({ approvedRanges: Array.from({ length: count }, () => 'x') });
  const count = (result: ReturnType<typeof parse>): number => ('errors' in result ? result.errors.length : 0);
  expect(count(parse(bad(100)))).toBe(100);
  expect(count(parse(bad(101)))).toBe(100);
});

test.each([
  { when: '80 letters', key: 'x'.repeat(80), is: 'x'.repeat(80) },
  { when: '81 letters', key: 'x'.repeat(81), is: `["${'x'.repeat(80)}"]` },
  { when: 'a space at the end', key: 'a ', is: '["a "]' },
  { when: 'a digit in front', key: '1a', is: '["1a"]' },
  { when: 'other letters', key: 'äöü', is: '["???"]' },
])('a key is shown as it is where it is plain: $when', ({ key, is }) => {
  const result = parse({ [key]: 1 });
  expect('errors' in result && result.errors[0]?.split(' is not a key here; ')[0]).toBe(`line 1: ${is}`);
});

test('keys from elsewhere cannot write into the message', () => {
  expect(parse('{"\\u001b[31m\\u202e\\n": 1}')).toMatchObject({
    errors: [expect.stringMatching(/^line 1: \["\\u001b\[31m\?\\n"\] is not a key here/)],
  });
});

test('nor can a key that stands twice', () => {
  expect(parse('{"\u202ea": 1, "\u202ea": 1}')).toEqual({
    errors: ['line 1: not JSON: the key "?a" stands twice'],
  });
});

test('a policy of more than a million characters is refused unread', () => {
  expect(parse(' '.repeat(1_000_001))).toEqual({ errors: ['the policy is longer than 1000000 characters'] });
  expect(parse(' '.repeat(1_000_000))).toEqual({ errors: ['line 1: not JSON: a JSON value is expected'] });
});

test.each([
  { when: 'an end 90 days ahead', policy: exempt({ expires: '2027-02-19T12:00:00Z' }), warnings: [] },
  {
    when: 'an end 91 days ahead',
    policy: exempt({ expires: '2027-02-20' }),
    warnings: ['line 1: exemptions[0].expires is more than 90 days away'],
  },
  {
    when: 'an end that is over',
    policy: exempt({ expires: '2026-11-20' }),
    warnings: ['line 1: exemptions[0].expires is over: the exemption covers nothing'],
  },
  {
    when: 'an end today',
    policy: exempt({ expires: '2026-11-21' }),
    warnings: ['line 1: exemptions[0].expires ends within 7 days'],
  },
  {
    when: 'an end 7 days ahead',
    policy: exempt({ expires: '2026-11-28T12:00:00Z' }),
    warnings: ['line 1: exemptions[0].expires ends within 7 days'],
  },
  {
    when: 'an end at this moment',
    policy: exempt({ expires: '2026-11-21T12:00:00Z' }),
    warnings: ['line 1: exemptions[0].expires is over: the exemption covers nothing'],
  },
  {
    when: 'a moment more than 7 days',
    policy: exempt({ expires: '2026-11-28T12:00:00.001Z' }),
    warnings: [],
  },
  {
    when: 'a moment more than 90 days',
    policy: exempt({ expires: '2027-02-19T12:00:00.001Z' }),
    warnings: ['line 1: exemptions[0].expires is more than 90 days away'],
  },
  { when: 'a block as a range', policy: { approvedRanges: ['203.0.113.0-203.0.113.255'] }, warnings: [] },
  { when: 'an end 8 days ahead', policy: exempt({ expires: '2026-11-29T12:00:00Z' }), warnings: [] },
  {
    when: 'an exemption from a rule that is off',
    policy: { ...(exempt({}) as object), rules: { 'wide-public-range': { enabled: false } } },
    warnings: ['line 1: exemptions[0].rule is switched off: the exemption covers nothing'],
  },
  {
    when: 'a server by its name alone',
    policy: exempt({ server: 'legacy-*' }),
    warnings: ['line 1: exemptions[0].server matches no server: resource ids begin with "/"'],
  },
  {
    when: 'an entry with a server by its name alone',
    policy: { servers: [{ match: { resourceGroup: 'rg' } }, { match: { id: 'legacy-*' } }] },
    warnings: ['line 1: servers[1].match.id matches no server: resource ids begin with "/"'],
  },
  { when: 'a subject without a server', policy: { exemptions: [PENDING] }, warnings: [] },
  {
    when: 'ids from their beginning on',
    policy: { servers: [{ match: { id: '/subscriptions/*' } }] },
    warnings: [],
  },
  {
    when: 'a block with host bits in an exemption',
    policy: exempt({ upTo: { ranges: ['203.0.113.7', '203.0.113.7/28'] } }),
    warnings: ['line 1: exemptions[0].upTo.ranges[1] is taken as 203.0.113.0/28'],
  },
  {
    when: 'a block with host bits',
    policy: { approvedRanges: ['203.0.113.7/24', '203.0.113.7/32', '203.0.113.0/24'] },
    warnings: ['line 1: approvedRanges[0] is taken as 203.0.113.0/24'],
  },
])('warnings: $when', ({ policy, warnings }) => {
  expect(parse(policy)).toMatchObject({ warnings });
});

test('the rules that ask for ranges are the known ones', () => {
  const ids = new Set(RULES.map(({ id }) => id));
  expect(RANGE_RULES.filter((id) => !ids.has(id))).toEqual([]);
});

const PUBLISHED: unknown = JSON.parse(
  readFileSync(new URL('../policy.schema.json', import.meta.url), 'utf8'),
);

test('the published schema is what the parser checks: node local/policy.ts schema > policy.schema.json', () => {
  expect(PUBLISHED).toEqual(policyJsonSchema(RULES));
});

const schema = z.fromJSONSchema(PUBLISHED as Parameters<typeof z.fromJSONSchema>[0]);
const asJson = (policy: unknown): unknown => (typeof policy === 'string' ? JSON.parse(policy) : policy);

test.each(GOOD)('the schema allows: $when', ({ policy }) => {
  expect(schema.safeParse(asJson(policy)).success).toBe(true);
});

test.each(BAD)('the schema refuses, where it can: $when', ({ policy, parserOnly = false }) => {
  expect(schema.safeParse(asJson(policy)).success).toBe(parserOnly);
});
