import type { Operation, Row, Table } from '../../shared/ports.ts';
import type { Rule } from '../../shared/model.ts';
import { dice } from './dice.ts';
import { RULES, NEXT_RULES } from './rules.ts';

export type Release = 'old' | 'new';

/** A rolling upgrade: until it is over each invocation runs the old release or the new one. */
export interface Upgrade {
  readonly from: number;
  readonly until: number;
  /** The new release writes states that the old one does not understand; else it only has other rules. */
  readonly newSchema: boolean;
}

const MINUTE = 60_000;

/** An upgrade somewhere between two times. */
export function upgradeOf(seed: number, start: number, end: number): Upgrade {
  const rolls = dice(seed, 'upgrade');
  const from = start + rolls.between(0.05, 0.8) * (end - start);
  const until = Math.min(end, from + rolls.between(5, 30) * MINUTE);
  return { from, until, newSchema: rolls.chance(0.8) };
}

/** The release that an invocation runs which starts now; `roll`: 0 <= x < 1. */
export function releaseAt(upgrade: Upgrade | undefined, now: number, roll: () => number): Release {
  if (!upgrade || now < upgrade.from) return 'old';
  return now >= upgrade.until || roll() < 0.5 ? 'new' : 'old';
}

export function rulesOf(release: Release): readonly Rule[] {
  return release === 'old' ? RULES : NEXT_RULES;
}

/** The schema of this code; the release after it has the next one. */
const OWN = 1;
const NEXT = OWN + 1;
const PREFIX = '{"version":';

/** A server's state; those that depend on a resource have the same keys in partitions of their own, and no text. */
export function isState({ row, text }: { readonly row: string; readonly text: string }): boolean {
  return row.startsWith('s|') && text !== '';
}

/** The schema that a state's text says. */
export function schemaOf(text: string): number {
  const schema = text.startsWith(PREFIX) ? Number.parseInt(text.slice(PREFIX.length), 10) : NaN;
  if (Number.isNaN(schema)) throw new Error('a state without a version');
  return schema;
}

function withSchema(schema: number, text: string): string {
  return `${PREFIX}${schema}${text.slice(text.indexOf(','))}`;
}

/** A state as this code reads it, whichever release wrote it. */
export function readable(text: string): string {
  return schemaOf(text) === NEXT ? withSchema(OWN, text) : text;
}

/** Rows that a release met of the other's states. */
export type Met = (release: Release, rows: number) => void;

/**
 * The table as a release of the upgrade sees it: the new one migrates what it reads and writes its own schema; the old one
 * gets the rows as they are.
 */
export function tableOf(
  release: Release,
  upgrade: Upgrade | undefined,
  table: Pick<Table, 'query' | 'transact'>,
  met: Met,
): Pick<Table, 'query' | 'transact'> {
  if (!upgrade?.newSchema) return table;
  const foreign = release === 'old' ? NEXT : OWN;
  const migrated = (row: Row): Row => (isState(row) ? { ...row, text: readable(row.text) } : row);
  const raised = (operation: Operation): Operation =>
    operation.do !== 'delete' && isState(operation)
      ? { ...operation, text: withSchema(NEXT, operation.text) }
      : operation;
  return {
    async query(...given) {
      const answer = await table.query(...given);
      const others = answer.rows.filter((row) => isState(row) && schemaOf(row.text) === foreign);
      if (others.length > 0) met(release, others.length);
      return release === 'old' ? answer : { ...answer, rows: answer.rows.map(migrated) };
    },
    transact: (partition, operations) =>
      table.transact(partition, release === 'old' ? operations : operations.map(raised)),
  };
}

/** Sees every write that was applied: the states over which an older schema was written. */
export interface SchemaWatch {
  readonly applied: (partition: string, operations: readonly Operation[]) => void;
  readonly forget: () => void;
  readonly breaches: readonly string[];
}

export function schemaWatch(): SchemaWatch {
  const stored = new Map<string, number>();
  const breaches: string[] = [];
  return {
    breaches,
    forget: () => {
      stored.clear();
    },
    applied(partition, operations) {
      for (const operation of operations) {
        if (operation.do === 'delete') stored.delete(`${partition} ${operation.row}`);
        if (operation.do === 'delete' || !isState(operation)) continue;
        const key = `${partition} ${operation.row}`;
        const schema = schemaOf(operation.text);
        const known = stored.get(key) ?? 0;
        if (schema < known)
          breaches.push(`${key}: a state of version ${known} overwritten by one of ${schema}`);
        stored.set(key, schema);
      }
    },
  };
}
