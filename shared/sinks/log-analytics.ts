import type { TokenCredential } from '@azure/identity';
import { isAggregateLogsUploadError, LogsIngestionClient } from '@azure/monitor-ingestion';
import * as z from 'zod';
import { within } from '../azure/deadline.ts';
import { retryAfterSeconds } from '../azure/retry-after.ts';
import type { Delivery, Sink } from '../ports.ts';
import type { Settings } from '../settings.ts';

const REQUEST_MS = 30_000;

const Cause = z.object({
  statusCode: z.number().optional(),
  response: z.object({ headers: z.custom<{ get(name: string): string | undefined }>() }).optional(),
});

/** Log Analytics by the Logs Ingestion API: one request a call, so that the acknowledgement is of all rows or of none. */
export function logAnalytics(
  settings: Pick<Settings, 'logsEndpoint' | 'logsRuleId' | 'cloud'>,
  credential: TokenCredential,
  requestMs = REQUEST_MS,
): Sink {
  const client = new LogsIngestionClient(settings.logsEndpoint, credential, {
    audience: settings.cloud.monitorAudience,
    retryOptions: { maxRetries: 0 },
  });
  return {
    async send(table, rows) {
      const stream = `Custom-${table}`;
      const objects = rows.map((row) => JSON.parse(row) as Record<string, unknown>);
      try {
        // One chunk a call: with several, the client drops those that an abort leaves unsent and reports success.
        await within(requestMs, (abortSignal) =>
          client.upload(settings.logsRuleId, stream, objects, { maxConcurrency: 1, abortSignal }),
        );
        return { accepted: true };
      } catch (error) {
        return deliveryOf(isAggregateLogsUploadError(error) ? error.errors[0]?.cause : error);
      }
    },
  };
}

/** An answer that says nothing for sure keeps the rows: they are sent again, and the queries drop the copies. */
function deliveryOf(cause: unknown): Delivery {
  const { statusCode, response } = Cause.safeParse(cause).data ?? {};
  const status = statusCode ?? null;
  if (status === 413) return { accepted: false, reason: 'large', status };
  if (status === 400) return { accepted: false, reason: 'invalid', status };
  const seconds = retryAfterSeconds(response?.headers.get('retry-after'), Date.now());
  return {
    accepted: false,
    reason: 'later',
    status,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
}
