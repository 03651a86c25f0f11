import { AzureError } from './azure-error.ts';
import type { Counters } from './counters.ts';
import { parameter, type Answer, type Exchange } from './http.ts';
import type { Ingestion } from './ingestion.ts';
import { setSwitches, type Switches } from './switches.ts';

/** What the embedded Azure tells and lets change beside Azure's own routes: `/_local/ingested`, `/switches`, `/counters`. */
export const answerLocal = (
  exchange: Exchange,
  parts: { readonly ingestion: Ingestion; readonly switches: Switches; readonly counters: Counters },
): Answer => {
  const { ingestion, switches, counters } = parts;
  const route = `${exchange.method} ${exchange.path}`;
  if (route === 'GET /_local/ingested') {
    const table = parameter(exchange, 'table');
    if (table !== undefined) return { status: 200, body: ingestion.rows(table) };
    return {
      status: 200,
      body: Object.fromEntries(ingestion.names().map((name) => [name, ingestion.rows(name)])),
    };
  }
  if (route === 'GET /_local/counters') return { status: 200, body: counters };
  if (route === 'PUT /_local/switches') {
    try {
      setSwitches(switches, JSON.parse(exchange.body.toString()));
    } catch (error) {
      throw new AzureError(400, 'InvalidSwitches', error instanceof Error ? error.message : String(error));
    }
  }
  if (exchange.path === '/_local/switches') {
    const printable = (_key: string, value: unknown): unknown =>
      value instanceof RegExp ? value.source : value;
    return { status: 200, json: JSON.stringify(switches, printable) };
  }
  throw new AzureError(404, 'NotFound', `There is no ${route}.`);
};
