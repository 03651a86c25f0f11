import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { literalOf, partsOf, propertiesOf } from '../../local/bicep/index.ts';
import { ask, INFRA, type Row, type Rows } from './queries.ts';
import { minute } from './rows.ts';
import { declaration } from './templates.ts';

const MODULE = 'modules/alerts.bicep';
const MINUTES = { M: 1, H: 60, D: 1440 } as const;

/** An ISO 8601 duration of one unit, in minutes. */
const Minutes = z
  .string()
  .regex(/^P(T\d+[MH]|\d+D)$/)
  .transform((text) => Number(/\d+/.exec(text)?.[0]) * MINUTES[text.at(-1) as keyof typeof MINUTES]);

const AlertRule = z.strictObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  query: z.string(),
  severity: z.int().min(0).max(4),
  stateful: z.boolean(),
  every: Minutes,
  window: Minutes,
  dimensions: z.array(z.string()),
});

/** A log alert as it is deployed: its query, and in minutes how often it is evaluated and how far it sees. */
export type AlertRule = z.infer<typeof AlertRule>;

/** The period of the sweeps that is deployed unless somebody says otherwise. */
export const SWEEP_MINUTES = z.int().parse(await defaultOf('main.bicep', 'sweepEveryMinutes'));

/** Every log alert of the module, deployed for sweeps of a period. */
export async function alertRules(sweepMinutes = SWEEP_MINUTES): Promise<readonly AlertRule[]> {
  const { value } = await declaration(MODULE, 'logAlerts');
  return (value ? partsOf(value) : []).map((item) => {
    const entries = [...propertiesOf(item)].map(([name, node]) => {
      return [name, name === 'query' ? queryOf(node.text, sweepMinutes) : literalOf(node)];
    });
    return AlertRule.parse(Object.fromEntries(entries));
  });
}

const RULES = await alertRules();

export function alertRule(id: string, rules: readonly AlertRule[] = RULES): AlertRule {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw new Error(`no alert ${id}`);
  return rule;
}

async function defaultOf(file: string, name: string): Promise<unknown> {
  const { value } = await declaration(file, name);
  return value && literalOf(value);
}

/** The two forms in which the module gives a query: a file, or a file of which one text is replaced. */
function queryOf(expression: string, sweepMinutes: number): string {
  const load = /^loadTextContent\('\.\.\/(alerts\/[\w-]+\.kql)'\)$/;
  const replaced = /^replace\((loadTextContent\('[^']+'\)), '([^']+)', '([^']+)'\)$/.exec(expression);
  const [, file] = load.exec(replaced?.[1] ?? expression) ?? [];
  if (file === undefined) throw new Error(`a query that is neither a file nor one replaced: ${expression}`);
  const text = readFileSync(join(INFRA, file), 'utf8');
  if (!replaced) return text;
  const [, , from = '', to = ''] = replaced;
  const given = to.replace(/\$\{(\d+) \* sweepEveryMinutes \+ (\d+)\}/, (_, times: string, more: string) =>
    String(Number(times) * sweepMinutes + Number(more)),
  );
  if (given.includes('$')) throw new Error(`a replacement that is not understood: ${to}`);
  return text.replaceAll(from, given);
}

/** What the query of a rule gives at a time, over the rows that its window lets it see. */
export function evaluate(rule: AlertRule, rows: Rows, now: string): readonly Row[] {
  const from = new Date(Date.parse(now) - rule.window * 60_000).toISOString();
  const inWindow = Object.entries(rows).map(([name, all]): [string, readonly Row[]] => [
    name,
    all.filter(({ TimeGenerated }) => String(TimeGenerated) >= from && String(TimeGenerated) <= now),
  ]);
  return ask(rule.query, Object.fromEntries(inWindow), now);
}

/**
 * What a rule tells between two minutes, evaluated as often as it is deployed: of a stateful rule when its condition is met
 * and when not any more, of a stateless one every evaluation that finds something; each with the values of its dimensions.
 */
export function timeline(rule: AlertRule, rows: Rows, until: number, since = rule.every): readonly string[] {
  const told: string[] = [];
  let met: readonly string[] = [];
  for (let at = since; at <= until; at += rule.every) {
    const found = evaluate(rule, rows, minute(at));
    const labels = [...new Set(found.map((row) => labelOf(rule, row)))].sort();
    const fires = rule.stateful ? labels.filter((label) => !met.includes(label)) : labels;
    const clears = rule.stateful ? met.filter((label) => !labels.includes(label)) : [];
    for (const label of clears) told.push(`${at} clears${label}`);
    for (const label of fires) told.push(`${at} fires${label}`);
    met = labels;
  }
  return told;
}

/** Values of the dimensions; of a resource id the name alone. */
function labelOf({ dimensions }: AlertRule, row: Row): string {
  const values = dimensions.map((name) => String(row[name]).split('/').at(-1) ?? '');
  return values.length === 0 ? '' : `: ${values.join(', ')}`;
}
