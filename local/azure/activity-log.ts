import { AzureError } from './azure-error.ts';
import { textAt, type Json } from './json.ts';
import { logEntriesOf, type Operation } from './operation.ts';

export interface ActivityLog {
  add: (operation: Operation) => void;
  /** The entries of a subscription that a `$filter` admits, newest first, without those younger than the lag. */
  query: (subscriptionId: string, filter: string | undefined) => readonly Json[];
}

type Test = (entry: Json) => boolean;

const same =
  (...path: readonly string[]) =>
  (wanted: string): Test =>
  (entry) =>
    textAt(entry, ...path)?.toLowerCase() === wanted.toLowerCase();

const equalities = new Map([
  ['resourcegroupname', same('resourceGroupName')],
  ['resourceuri', same('resourceId')],
  ['resourceid', same('resourceId')],
  ['resourceprovider', same('resourceProviderName', 'value')],
  ['correlationid', same('correlationId')],
]);

const term = (text: string): Test => {
  const [, key = '', operator = '', value = ''] =
    /^(\w+)\s+(eq|ge|le|gt|lt)\s+'([^']*)'$/i.exec(text.trim()) ?? [];
  const lower = key.toLowerCase();
  if (lower === 'eventtimestamp' && operator.toLowerCase() !== 'eq') {
    const bound = Date.parse(value);
    const time = (entry: Json): number => Date.parse(textAt(entry, 'eventTimestamp') ?? '');
    const compare: Readonly<Record<string, (at: number) => boolean>> = {
      ge: (at) => at >= bound,
      gt: (at) => at > bound,
      le: (at) => at <= bound,
      lt: (at) => at < bound,
    };
    const test = compare[operator.toLowerCase()];
    if (test && !Number.isNaN(bound)) return (entry) => test(time(entry));
  }
  const equality = equalities.get(lower);
  if (equality && operator.toLowerCase() === 'eq') return equality(value);
  throw new AzureError(400, 'BadRequest', `The $filter '${text}' is not supported.`);
};

/** The terms of a filter joined by `and`; Azure demands a time in it. */
const parseFilter = (filter: string | undefined): Test => {
  const tests = (filter ?? '')
    .split(/\s+and\s+/i)
    .filter((part) => part !== '')
    .map(term);
  if (!/eventTimestamp\s+g[et]/i.test(filter ?? ''))
    throw new AzureError(400, 'BadRequest', 'The $filter must have a start time (eventTimestamp ge).');
  return (entry) => tests.every((test) => test(entry));
};

/** The Activity Log of all subscriptions. */
export const createActivityLog = (now: () => Date, lagSeconds: () => number): ActivityLog => {
  const entries = new Map<string, Json[]>();
  return {
    add: (operation) => {
      const key = operation.subscriptionId.toLowerCase();
      const list = entries.get(key) ?? [];
      entries.set(key, list);
      list.push(...logEntriesOf(operation).toReversed());
    },
    query: (subscriptionId, filter) => {
      const admitted = parseFilter(filter);
      const visible = now().getTime() - lagSeconds() * 1000;
      return (entries.get(subscriptionId.toLowerCase()) ?? [])
        .filter((entry) => Date.parse(textAt(entry, 'eventTimestamp') ?? '') <= visible && admitted(entry))
        .toReversed();
    },
  };
};
