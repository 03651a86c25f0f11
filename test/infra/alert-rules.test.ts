import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partsOf, propertiesOf } from '../../local/bicep/index.ts';
import { type AlertRule, alertRule, alertRules, SWEEP_MINUTES } from './alert-rules.ts';
import { FUNCTIONS, INFRA, kqlIn } from './queries.ts';
import { declaration } from './templates.ts';

const RULES = await alertRules();
const UNITS: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

/** Minutes of each `ago(...)` in a text. */
function agos(text: string): readonly number[] {
  return [...text.matchAll(/ago\((\d+)([mhd])\)/g)].map(
    ([, count, unit = '']) => Number(count) * (UNITS[unit] ?? NaN),
  );
}

/** Minutes of arrival that a query counts. */
function arrivals({ query }: AlertRule): readonly number[] {
  return agos(/IngestedAt > (ago\([^)]*\))/.exec(query)?.[1] ?? '');
}

test('every alert file has its rule, under its name', () => {
  const files = RULES.map(({ id }) => `${id}.kql`).sort();
  expect(files).toEqual(Object.keys(kqlIn('alerts')).sort());
  for (const { id, query } of RULES) {
    expect(query.split('\n').slice(0, 1)).toEqual(kqlIn('alerts')[`${id}.kql`]?.split('\n').slice(0, 1));
  }
});

describe.each(RULES)('$id', (rule) => {
  test('looks back with literals only, which a log alert needs', () => {
    const all = rule.query.match(/ago\([^)]*\)/g) ?? [];
    expect(all.length).toBeGreaterThan(0);
    for (const text of all) expect(text).toMatch(/^ago\(\d+[mhd]\)$/);
  });

  test('sees with its window exactly what its query asks for, and no more than Azure Monitor allows', () => {
    expect(Math.max(...agos(rule.query))).toBe(rule.window);
    expect(rule.window).toBeLessThanOrEqual(2 * 1440);
  });

  test('is evaluated at least as often as rows are due, and more often than its shortest span', () => {
    expect(rule.every).toBe(5);
    expect(Math.min(...agos(rule.query))).toBeGreaterThanOrEqual(rule.every);
  });

  test('has an explanation for who is told', () => {
    const text = readFileSync(join(INFRA, '..', 'docs', 'operations.md'), 'utf8');
    expect(text).toContain(`(\`${rule.id}\`)`);
    expect(rule.description).not.toBe('');
  });
});

test('what is told once counts the arrivals of exactly one evaluation: nothing twice, nothing left out', () => {
  const stateless = RULES.filter(({ stateful }) => !stateful);
  expect(stateless.map(({ id }) => id)).toEqual(['new-exposure']);
  for (const rule of stateless) expect(arrivals(rule)).toEqual([rule.every]);
});

test('what clears has no dimension that changes while it lasts', () => {
  const dimensions = RULES.filter(({ stateful }) => stateful).flatMap((rule) => rule.dimensions);
  expect(new Set(dimensions)).toEqual(new Set(['ServerId', 'Severity']));
});

test.each([
  { id: 'storm', minutes: 15 },
  { id: 'first-sweep', minutes: 60 },
])(
  '$id counts the arrivals of $minutes minutes, as its description and the operations guide say',
  ({ id, minutes }) => {
    expect(arrivals(alertRule(id))).toEqual([minutes]);
  },
);

test('open findings are told again often enough for the range: several refreshes lie in it', () => {
  const refreshes = 6 * 60;
  expect(alertRule('open-exposure').window / refreshes).toBeGreaterThanOrEqual(3);
});

test.each([
  { minutes: SWEEP_MINUTES, silence: 35 },
  { minutes: 5, silence: 15 },
  { minutes: 60, silence: 125 },
])('silence of sweeps every $minutes minutes is $silence minutes', async ({ minutes, silence }) => {
  const { query } = alertRule('monitor-silent', await alertRules(minutes));
  expect(query).toContain(`LastSweep < ago(${silence}m)`);
  expect(query).toContain('LastHeartbeat < ago(20m)');
});

test('the rules are deployed as the tests evaluate them: one result in one evaluation fires', async () => {
  const { node } = await declaration('modules/alerts.bicep', 'logAlertRules');
  const text = node.text.replace(/\s+/g, ' ');
  for (const said of [
    'for alert in logAlerts',
    'evaluationFrequency: alert.every',
    'windowSize: alert.window',
    'autoMitigate: alert.stateful',
    'query: alert.query',
    "timeAggregation: 'Count' operator: 'GreaterThan' threshold: 0",
    'dimensions: map(alert.dimensions, dimension =>',
    "operator: 'Include' values: [ '*' ]",
    'numberOfEvaluationPeriods: 1 minFailingPeriodsToAlert: 1',
  ]) {
    expect(text).toContain(said);
  }
});

test('the saved functions are deployed under their names, with the parameter that the tests give them', async () => {
  const { value } = await declaration('modules/tables.bicep', 'functions');
  const aliases = (value ? partsOf(value) : []).map((item) => propertiesOf(item).get('alias')?.text);
  expect(aliases).toEqual(Object.keys(FUNCTIONS).map((name) => `'${name}'`));
  const { node } = await declaration('modules/tables.bicep', 'savedFunctions');
  expect(node.text).toContain("functionParameters: 'from:datetime'");
});
