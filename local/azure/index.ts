import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createActivityLog } from './activity-log.ts';
import { createArm } from './arm.ts';
import { AzureError } from './azure-error.ts';
import { makeCertificate } from './certificate.ts';
import { createCounters } from './counters.ts';
import type { AzureOptions, EmbeddedAzure } from './embedded-azure.ts';
import { createEventGrid } from './events.ts';
import { createGraph } from './graph.ts';
import type { Answer, Exchange } from './http.ts';
import { createIdentity } from './identity.ts';
import { createIngestion } from './ingestion.ts';
import { answerLocal } from './local-routes.ts';
import { answerLogQuery, queryLogs } from './log-query.ts';
import { createLiveEstate, fillStore } from './resources.ts';
import { createListener, listen } from './server.ts';
import { defaultSwitches, setSwitches } from './switches.ts';
import { createThrottle } from './throttle.ts';
import { createTokens } from './tokens.ts';

export type { AzureOptions, EmbeddedAzure } from './embedded-azure.ts';
export { resetCounters, type Counters } from './counters.ts';
export { loadEstate, mergeEstates, parseEstate } from './estate.ts';
export type { Estate, EstateInput, EstateResource, Subscription } from './estate.ts';
export type { EventSubscription } from './events.ts';
export { generateEstate } from './generate-estate.ts';
export type { Streams } from './ingestion.ts';
export type { Json } from './json.ts';
export type { LiveEstate } from './resources.ts';
export type { Fault, Switches } from './switches.ts';
export type { TokenRequest } from './tokens.ts';

/** The immutable id of the data collection rule unless the options name another. */
export const defaultRuleId = 'dcr-00000000000000000000000000000000';

const noTenant = '00000000-0000-4000-8000-00000000ffff';

const closeServer = (server: {
  close: (done: () => void) => unknown;
  closeAllConnections: () => void;
}): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });

/**
 * Starts an Azure on loopback: the real wire formats of Azure Resource Manager, Resource Graph, Event Grid, Entra,
 * managed identity and Logs Ingestion over an estate in memory. Throws when a port is taken.
 */
export const startAzure = async (options: AzureOptions): Promise<EmbeddedAzure> => {
  const now = options.now ?? (() => new Date());
  const ruleId = options.ruleId ?? defaultRuleId;
  const tenantId = options.estate.subscriptions[0]?.tenantId ?? noTenant;
  const switches = defaultSwitches();
  setSwitches(switches, options.switches ?? {});
  const counters = createCounters();
  const resources = fillStore(options.estate);
  const { store } = resources;
  const tokens = createTokens(tenantId, now);
  const throttle = createThrottle(now);
  const retryDelaysMs = options.eventRetryDelaysMs ?? [200, 500, 1000, 2000, 5000];
  const events = createEventGrid({ switches, counters, now, retryDelaysMs });
  const ingestion = createIngestion({ ruleId, streams: options.streams, tokens, switches, now });
  const identity = createIdentity({ tokens, tenantId, now, switches });
  const activityLog = createActivityLog(now, () => switches.activityLogLagSeconds);
  const shared = { tokens, throttle, switches, counters, tenantId, now };
  const graph = createGraph({ ...shared, store });
  const arm = createArm({ ...shared, resources, activityLog, publish: events.publish });

  const route = (exchange: Exchange): Answer => {
    const path = exchange.path.toLowerCase();
    if (path.startsWith('/subscriptions')) return arm(exchange);
    if (path === '/providers/microsoft.resourcegraph/resources') return graph(exchange);
    if (path.startsWith('/datacollectionrules/')) {
      counters.ingestionCalls += 1;
      return ingestion.accept(exchange);
    }
    if (/^\/v1\/workspaces\/[^/]+\/query$/.test(path) && exchange.method === 'POST')
      return answerLogQuery(exchange, ingestion, tokens, now());
    if (path.startsWith('/_local/')) return answerLocal(exchange, { ingestion, switches, counters });
    const entra = identity.entra(exchange);
    if (!entra) throw new AzureError(404, 'NotFound', `There is no ${exchange.method} ${exchange.path}.`);
    counters.tokenCalls += exchange.method === 'POST' ? 1 : 0;
    return entra;
  };
  const managed = (exchange: Exchange): Answer => {
    counters.tokenCalls += 1;
    return identity.managed(exchange);
  };
  const services = /^\/(subscriptions|providers|dataCollectionRules)\b/i;
  const latency = (path: string): number => (services.test(path) ? switches.latencyMs : 0);

  const certificate = await makeCertificate();
  const serving = { switches, counters, now, latency };
  const https = createHttpsServer(certificate, createListener({ ...serving, route }));
  const http = createHttpServer(createListener({ ...serving, route: managed }));
  https.keepAliveTimeout = 65_000;
  const port = await listen(https, options.port ?? 0);
  const identityPort = await listen(http, options.identityPort ?? 0);
  for (const subscription of options.eventSubscriptions ?? []) {
    events.add(subscription).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
    });
  }

  return {
    url: `https://localhost:${port}`,
    certificate: certificate.cert,
    identityEndpoint: `http://127.0.0.1:${identityPort}/msi/token`,
    ruleId,
    tenantId,
    estate: createLiveEstate(resources),
    switches,
    counters,
    ingested: (table) =>
      table === undefined ? ingestion.names().flatMap(ingestion.rows) : ingestion.rows(table),
    query: (kql) => queryLogs(ingestion, kql, now(), undefined),
    mintToken: tokens.mint,
    credential: {
      getToken: (scopes) => {
        const scope = typeof scopes === 'string' ? scopes : (scopes[0] ?? '');
        const token = tokens.mint({
          aud: scope.replace(/\/\.default$/, ''),
          claims: { idtyp: 'app', appidacr: '2' },
        });
        return Promise.resolve({ token, expiresOnTimestamp: now().getTime() + 3_600_000 });
      },
    },
    addEventSubscription: events.add,
    sendEvents: events.send,
    eventsIdle: events.idle,
    close: async () => {
      events.close();
      await Promise.all([closeServer(https), closeServer(http)]);
    },
  };
};
