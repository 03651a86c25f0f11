import { expect, test } from 'vitest';
import { checkKql } from '../../local/kql/index.ts';
import { type AlertRule, alertRules, evaluate } from './alert-rules.ts';
import { CLOSED, OPEN } from './azure.ts';
import { ask, FUNCTIONS, SCHEMAS, WORKBOOK_QUERIES } from './queries.ts';
import { minute } from './rows.ts';
import { stage } from './stage.ts';
import { literal } from './templates.ts';

const ALERTS = await alertRules();
const SHIPPED = [
  ...ALERTS.map(({ id, query }) => [id, query] as const),
  ...Object.entries(WORKBOOK_QUERIES),
  ...Object.keys(FUNCTIONS).map((name) => [name, `${name}(ago(2d))`] as const),
];

test.each(SHIPPED)('%s is bound against the declared tables without a finding', (_name, query) => {
  expect(checkKql(query, SCHEMAS, FUNCTIONS)).toEqual([]);
});

test.each(SHIPPED)('%s runs over empty tables', (_name, query) => {
  expect(() => ask(query, {}, minute(0))).not.toThrow();
});

test('a query of a column that is not there is found', () => {
  const [finding] = checkKql('DatabaseExposureFindings_CL | where Sevrity == "High"', SCHEMAS, FUNCTIONS);
  expect(finding).toMatchObject({ code: 'KS142' });
});

test('the dimensions of a rule are columns of its query', async () => {
  const monitor = stage();
  monitor.put('orders', CLOSED);
  await monitor.pass(6);
  monitor.write('orders', OPEN);
  await monitor.pass(4);
  const named = (rule: AlertRule): boolean => rule.dimensions.length > 0;
  expect(ALERTS.filter(named).map(({ id }) => id)).toEqual(['open-exposure', 'new-exposure']);
  for (const rule of ALERTS.filter(named)) {
    const [row] = evaluate(rule, monitor.rows(), minute(10));
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(rule.dimensions));
    // Azure Monitor counts no result whose dimension is empty.
    for (const name of rule.dimensions) expect(row?.[name]).not.toBe('');
  }
});

test('metric alerts: refused, dropped and absent', async () => {
  expect(await literal('modules/alerts.bicep', 'metricAlerts')).toMatchObject([
    { metric: 'ApiCallReceived_Count', aggregation: 'Count', operator: 'GreaterThan' },
    { metric: 'RowsDropped_Count', aggregation: 'Total', operator: 'GreaterThan' },
    { metric: 'ApiCallReceived_Count', aggregation: 'Count', operator: 'LessThan' },
  ]);
});
