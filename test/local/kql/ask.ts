import { runKql } from '../../../local/kql/index.ts';
import type { KqlTable } from '../../../local/kql/index.ts';

const now = new Date('2024-05-01T12:00:00Z');

/** Small tables with duplicates, gaps and nulls. */
export const tables: Readonly<Record<string, KqlTable>> = {
  Servers: {
    schema: { id: 'long', name: 'string', cost: 'real', seen: 'datetime', tags: 'dynamic' },
    rows: [
      { id: 1, name: 'alpha', cost: 1.5, seen: '2024-05-01T11:00:00Z', tags: { env: 'prod', list: [3, 1] } },
      { id: 2, name: 'Beta', cost: 2, seen: '2024-05-01T10:30:00.1234567Z', tags: { list: [] } },
      { id: 3, seen: '2024-04-30T12:00:00Z' },
      { name: 'delta', cost: 0.5, tags: ['x'] },
    ],
  },
  Rules: {
    schema: { id: 'long', rule: 'string' },
    rows: [
      { id: 1, rule: 'r1' },
      { id: 1, rule: 'r2' },
      { id: 4, rule: 'r4' },
      { id: null, rule: 'none' },
    ],
  },
};

/** The names of the columns of a result. */
export function columnsOf(query: string, of = tables): readonly string[] {
  return runKql(query, { tables: of, now }).columns.map((column) => column.name);
}

/** The rows of a result, each as the list of its cells. */
export function ask(query: string, of = tables): readonly (readonly unknown[])[] {
  return runKql(query, { tables: of, now }).rows.map((row) => Object.values(row));
}

/** The values that `print` gives for expressions. */
export function print(...expressions: readonly string[]): readonly unknown[] {
  return ask(`print ${expressions.join(', ')}`)[0] ?? [];
}
