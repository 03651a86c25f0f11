import { expect, test } from 'vitest';
import { quietServers, ruleWritten } from '../../bench/events.ts';
import { brokenCounts, codeFigures, eventFigures, isMet } from '../../bench/figures.ts';
import { sdkEntry, sdkImports } from '../../bench/imports.ts';
import { factsOf, neededCalls, readsBySubscription, sizeOf, throttleFloor } from '../../bench/needed.ts';
import { optionsOf } from '../../bench/options.ts';
import { median, quantile } from '../../bench/statistics.ts';
import { tableOf } from '../../bench/table.ts';
import { generateEstate } from '../../local/azure/index.ts';
import { understand } from '../../shared/asking/event.ts';

test.each([
  { when: 'there is none', values: [], middle: NaN, p95: NaN },
  { when: 'there is one', values: [7], middle: 7, p95: 7 },
  { when: 'they are even in number', values: [4, 1, 3, 2], middle: 2.5, p95: 4 },
  { when: 'they are odd in number', values: [9, 1, 5], middle: 5, p95: 9 },
  {
    when: 'one of forty is far off',
    values: [...Array.from({ length: 39 }, () => 2), 900],
    middle: 2,
    p95: 2,
  },
])('median and 95th percentile when $when', ({ values, middle, p95 }) => {
  expect([median(values), quantile(values, 0.95)]).toEqual([middle, p95]);
});

test.each([
  { when: 'it is small', servers: 100, subscriptions: 1 },
  { when: 'it is larger', servers: 1000, subscriptions: 2 },
  { when: 'it is large', servers: 10_000, subscriptions: 10 },
])('subscriptions of an estate when $when', ({ servers, subscriptions }) => {
  expect(sizeOf(servers)).toEqual({ servers, subscriptions });
});

const facts = factsOf(generateEstate({ servers: 100, rulesPerServer: 10, subscriptions: 2 }));

test('what is open in a generated estate is read off its rules', () => {
  // Every twentieth is open to the internet; every tenth to Azure, of which the internet's are half.
  expect(facts.internet).toHaveLength(5);
  expect(facts.azure).toHaveLength(5);
  expect(facts.servers.filter(({ publicAccess }) => publicAccess)).toHaveLength(80);
});

test('calls needed: three pages, and the rule lists that are due', () => {
  expect(neededCalls(facts, 'first')).toBe(103);
  expect(neededCalls(facts, 'second')).toBe(83);
});

test('reads by subscription: body and rules, then the rules of those with public access', () => {
  expect(readsBySubscription(facts, 'first')).toEqual([100, 100]);
  expect(readsBySubscription(facts, 'second')).toEqual([40, 40]);
});

test.each([
  { when: 'the buckets are not emptied', reads: [250, 10], pages: 15, seconds: 0 },
  { when: 'one subscription is over its burst', reads: [300, 10], pages: 4, seconds: 2 },
  { when: 'the pages are over theirs', reads: [10], pages: 45, seconds: 10 },
])('seconds of the throttles when $when', ({ reads, pages, seconds }) => {
  expect(throttleFloor(reads, pages)).toBe(seconds);
});

test('names of the SDKs are kept, those of types and of other packages are not', () => {
  const imports = sdkImports([
    "import { type A, b, c as d } from '@azure/x';\nimport type { E } from '@azure/y';\nimport * as z from 'zod';\n",
    "import { b,\n  f } from '@azure/x';\n",
  ]);
  expect([...imports]).toEqual([['@azure/x', ['b', 'c', 'f']]]);
  expect(sdkEntry(imports)).toBe(
    "import { b as b0, c as c0, f as f0 } from '@azure/x';\nReflect.set(globalThis, 'kept', [b0, c0, f0]);\n",
  );
});

test('the event of the bench is one that the app understands', () => {
  const [server = ''] = quietServers({ size: { servers: 100, subscriptions: 2 } }, 1, 0);
  const understood = understand(ruleWritten(server, 'open'), undefined, 'full');
  expect(understood).toMatchObject({ outcome: 'concerns', resource: { id: server.toLowerCase() } });
});

test('only counts that do not hold fail a bench', () => {
  const slow = codeFigures({ app: [900], sdks: [100] }, [5]);
  const greedy = eventFigures({ milliseconds: [5000], readsPerEvent: 3 }, [22], 'here', 60);
  expect(slow.map(isMet)).toEqual([false, false]);
  expect(brokenCounts([...slow, ...greedy]).map(({ what }) => what)).toEqual(['reads of ARM per event']);
});

test('the table shows value, floor, ratio and target', () => {
  const [load] = codeFigures({ app: [130], sdks: [100] }, [1]);
  expect(
    tableOf(load ? [load] : [])
      .split('\n')
      .at(-1),
  ).toMatch(
    /^\| import of the built app \| new process \| 130 ms \| 100 +\| 1.30 +\| <= 1.30 +\| yes +\| 1 +\|$/,
  );
});

test.each([
  { when: 'nothing is given', args: [], options: { servers: [100, 1000, 10_000], runs: 5, events: 100 } },
  { when: 'it is quick', args: ['--quick'], options: { servers: [100], runs: 1, events: 10 } },
  {
    when: 'sizes are given',
    args: ['--servers', '50,60', '--runs', '2'],
    options: { servers: [50, 60], runs: 2, events: 100 },
  },
])('options when $when', ({ args, options }) => {
  expect(optionsOf(args)).toEqual({ json: undefined, ...options });
});

test.each([
  { when: 'a size is no number', args: ['--servers', '10,x'], message: '--servers: "x"' },
  { when: 'there are no runs', args: ['--runs', '0'], message: '--runs: "0"' },
  { when: 'an option is not known', args: ['--fast'], message: '--fast' },
])('a wrong option is named when $when', ({ args, message }) => {
  expect(() => optionsOf(args)).toThrow(message);
});
