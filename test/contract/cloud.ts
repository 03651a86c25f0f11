import type { Arm, Graph } from '../../shared/ports.ts';
import { type Facts, SERVERS, START, type WorldServer } from '../simulation/world.ts';

/** What goes wrong with a cloud until it is told otherwise. */
export type Trouble =
  | 'ARM denies the first server'
  | 'ARM hides the first server'
  | 'ARM is throttled'
  | 'ARM is throttled for an hour'
  | 'ARM fails'
  | 'ARM does not find what it has'
  | 'ARM answers 202'
  | 'ARM hangs'
  | 'ARM lists fail'
  | 'Resource Graph is throttled'
  | 'Resource Graph truncates'
  | 'Resource Graph is half an hour behind';

/** The world of the simulation behind the two ports that read it. */
export interface Cloud {
  readonly arm: Arm;
  readonly graph: Graph;
  /** Changes what is true of a server, at once. */
  write(server: WorldServer, change: Partial<Facts>): void;
  passSeconds(seconds: number): void;
  make(trouble: Trouble): void;
  calm(): void;
  close(): Promise<void>;
}

/** Where the clock of a cloud starts: some milliseconds after the second that `Date` tells. */
export const CLOCK = START + 3_600_789;
export const DATE = '2026-05-20T07:00:00.000Z';

/** What a server is at the start: open to two ranges, with an endpoint; the one in the middle is gone. */
export function initialFacts(index: number): Facts {
  return {
    exists: index !== GONE,
    access: 'Enabled',
    rules: [
      { name: 'office', start: '203.0.112.5', end: '203.0.112.5' },
      { name: 'branch', start: '52.10.0.0', end: '52.10.0.255' },
    ],
    connection: index === GONE ? null : 'Approved',
    endpoint: index !== GONE,
  };
}

const GONE = 4;

/** A server of the world by its number: 0 to 4 are in the first subscription, 5 to 7 in the second. */
export function server(index: number): WorldServer {
  const found = SERVERS[index];
  if (!found) throw new Error('no such server');
  return found;
}

/** Ids and types are the same in any casing: Azure writes them in its own. */
export function inLowerCase(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      (key === 'id' || key === 'type') && typeof part === 'string' ? part.toLowerCase() : part,
    ),
  );
}
