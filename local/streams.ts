import { TABLES } from '../shared/rows.ts';

/** The streams of the data collection rule: what the embedded ingestion keeps of a row. */
export const STREAMS = Object.fromEntries(
  Object.entries(TABLES).map(([table, columns]) => [`Custom-${table}`, columns] as const),
);
