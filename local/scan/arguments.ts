import { parseArgs } from 'node:util';
import { SEVERITIES, type Severity } from '../../shared/model.ts';
import { isGuid } from '../../shared/resource-id.ts';

export const FORMATS = ['table', 'json', 'html', 'csv', 'sarif'] as const;
export type Format = (typeof FORMATS)[number];

export const USAGE = [
  'Usage: npm run scan -- --subscription <id> [--subscription <id> ...] [--management-group <id> ...]',
  `[--format ${FORMATS.join('|')}] [--out FILE] [--fail-on ${SEVERITIES.map((name) => name.toLowerCase()).join('|')}]`,
  '[--policy FILE] [--rule <rule id> ...] [--server <id pattern with *> ...] [--baseline FILE]',
].join(' ');

/** What the command line asks for. */
export interface ScanArguments {
  readonly subscriptions: readonly string[];
  readonly managementGroups: readonly string[];
  readonly format: Format;
  readonly out: string | undefined;
  readonly failOn: Severity | undefined;
  readonly policy: string | undefined;
  readonly rules: readonly string[];
  /** Lower-cased patterns of resource ids. */
  readonly servers: readonly string[];
  /** A scan saved with `--format json`. */
  readonly baseline: string | undefined;
}

/** What is asked for, or 'help'; throws one line for what is wrong. */
export function readArguments(args: readonly string[], ruleIds: readonly string[]): ScanArguments | 'help' {
  const many = { type: 'string', multiple: true, default: [] as string[] } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      subscription: many,
      'management-group': many,
      format: { type: 'string', default: 'table' },
      out: { type: 'string' },
      'fail-on': { type: 'string' },
      policy: { type: 'string' },
      rule: many,
      server: many,
      baseline: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const format = FORMATS.find((name) => name === values.format);
  if (!format) throw new Error(`--format is one of ${FORMATS.join(', ')}.`);
  if (values.subscription.length + values['management-group'].length === 0) {
    throw new Error('--subscription or --management-group is required.');
  }
  const noGuid = values.subscription.find((id) => !isGuid(id.trim()));
  if (noGuid !== undefined) {
    throw new Error(`--subscription: "${noGuid}" is not a subscription id; az account list shows them.`);
  }
  const unknown = values.rule.find((id) => !ruleIds.includes(id));
  if (unknown !== undefined) throw new Error(`--rule ${unknown} is no rule; docs/rules.md lists them.`);
  return {
    subscriptions: values.subscription,
    managementGroups: values['management-group'],
    format,
    out: values.out,
    failOn: failOnOf(values['fail-on']),
    policy: values.policy,
    rules: values.rule,
    servers: values.server.map((pattern) => pattern.toLowerCase()),
    baseline: values.baseline,
  };
}

function failOnOf(text: string | undefined): Severity | undefined {
  if (text === undefined) return undefined;
  const severity = SEVERITIES.find((name) => name.toLowerCase() === text.toLowerCase());
  if (severity) return severity;
  throw new Error(`--fail-on is one of ${SEVERITIES.map((name) => name.toLowerCase()).join(', ')}.`);
}
