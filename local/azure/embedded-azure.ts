import type { Counters } from './counters.ts';
import type { Estate } from './estate.ts';
import type { EventSubscription } from './events.ts';
import type { Streams } from './ingestion.ts';
import type { Json } from './json.ts';
import type { QueryResult } from './log-query.ts';
import type { LiveEstate } from './resources.ts';
import type { Switches } from './switches.ts';
import type { TokenRequest } from './tokens.ts';

export interface AzureOptions {
  readonly estate: Estate;
  /** Port of the https server, any free one by default. */
  readonly port?: number;
  /** Port of the managed identity endpoint, any free one by default. */
  readonly identityPort?: number;
  readonly eventSubscriptions?: readonly EventSubscription[];
  /** The clock of everything but the retries of events. */
  readonly now?: () => Date;
  readonly switches?: Partial<Omit<Switches, 'events'>> & { readonly events?: Partial<Switches['events']> };
  /** Immutable id of the data collection rule. */
  readonly ruleId?: string;
  /** Columns by stream (`Custom-<table>`); without them any stream is taken as it is. */
  readonly streams?: Streams;
  /** Waits between the tries of an event in milliseconds. */
  readonly eventRetryDelaysMs?: readonly number[];
}

export interface EmbeddedAzure {
  /** `https://localhost:PORT`: Azure Resource Manager, Resource Graph, Entra, Logs Ingestion and log queries. */
  readonly url: string;
  /** The certificate in PEM, which is its own authority. */
  readonly certificate: string;
  /** `http://127.0.0.1:PORT/msi/token`, the value of IDENTITY_ENDPOINT. */
  readonly identityEndpoint: string;
  /** The immutable id of the data collection rule, the value of LOGS_INGESTION_RULE_ID. */
  readonly ruleId: string;
  /** The tenant of the estate's first subscription. */
  readonly tenantId: string;
  /** The resources, to be read and changed without an event. */
  readonly estate: LiveEstate;
  readonly switches: Switches;
  readonly counters: Counters;
  /** The rows of one table, or of all. */
  ingested: (table?: string) => readonly Json[];
  /** Runs KQL over the ingested rows. */
  query: (kql: string) => QueryResult;
  /** A token signed by this Azure. */
  mintToken: (request: TokenRequest) => string;
  /** A credential for the Azure SDKs in the same process. */
  readonly credential: {
    getToken: (scopes: string | string[]) => Promise<{ token: string; expiresOnTimestamp: number }>;
  };
  /** Adds an endpoint for events; resolves after its handshake. */
  addEventSubscription: (subscription: EventSubscription) => Promise<void>;
  /** Sends a payload as it is to every event endpoint; their status codes. */
  sendEvents: (payload: unknown) => Promise<number[]>;
  /** Resolves when no event waits for its delivery. */
  eventsIdle: () => Promise<void>;
  close: () => Promise<void>;
}
