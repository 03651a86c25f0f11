import type { Family } from './define-family.ts';
import { mysqlFlexible } from './mysql-flexible.ts';
import { mysqlSingle } from './mysql-single.ts';
import { postgresqlFlexible } from './postgresql-flexible.ts';
import { postgresqlSingle } from './postgresql-single.ts';

/** Every family that the monitor reads: one line each. */
export const FAMILIES: readonly Family[] = [mysqlFlexible, mysqlSingle, postgresqlFlexible, postgresqlSingle];

const BY_TYPE = new Map(FAMILIES.map((family) => [family.resourceType, family]));

/** The family of a lower-cased resource type. */
export function familyOf(resourceType: string): Family | undefined {
  return BY_TYPE.get(resourceType);
}
