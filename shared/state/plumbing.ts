import * as z from 'zod';
import type { Table } from '../ports.ts';
import * as keys from './keys.ts';

const ROW = 'plumbing';

const Check = z.object({
  /** The storage service's clock. */
  checkedAt: z.string(),
  problems: z.array(z.string()),
});
export type PlumbingCheck = Readonly<z.infer<typeof Check>>;

/** Undefined: there was no check yet, or one of another version. */
export async function readPlumbingCheck(table: Table): Promise<PlumbingCheck | undefined> {
  const { rows } = await table.query(keys.MONITOR, ROW, `${ROW}~`);
  return rows[0] && Check.safeParse(JSON.parse(rows[0].text)).data;
}

export async function writePlumbingCheck(table: Table, check: PlumbingCheck): Promise<void> {
  await table.transact(keys.MONITOR, [{ do: 'put', row: ROW, text: JSON.stringify(check) }]);
}
