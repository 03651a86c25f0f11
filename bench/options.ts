import { parseArgs } from 'node:util';

export const USAGE =
  'Usage: npm run bench -- [--quick] [--servers 100,1000,10000] [--runs 5] [--json FILE]\n' +
  '  --quick: 100 servers, one run; for its counts, the times of one run say little.';

/** What a bench measures. */
export interface Options {
  readonly servers: readonly number[];
  readonly runs: number;
  /** Events without the queue; half as many go through the host. */
  readonly events: number;
  readonly json: string | undefined;
}

/** Reads the command line; throws an error with one line that names the wrong option. */
export function optionsOf(given: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...given],
    options: {
      quick: { type: 'boolean', default: false },
      servers: { type: 'string' },
      runs: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const servers = values.servers ?? (values.quick ? '100' : '100,1000,10000');
  const runs = values.runs ?? (values.quick ? '1' : '5');
  return {
    servers: servers.split(',').map((text) => countOf('--servers', text)),
    runs: countOf('--runs', runs),
    events: values.quick ? 10 : 100,
    json: values.json,
  };
}

function countOf(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`${name}: "${text}" is not a number from 1 to 999999.`);
}
