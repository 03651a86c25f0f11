import {
  type EmbeddedAzure,
  type EstateInput,
  type Fault,
  parseEstate,
  startAzure,
} from '../../local/azure/index.ts';
import { armReader } from '../../shared/azure/arm.ts';
import { graphReader } from '../../shared/azure/graph.ts';
import { tokenBucket } from '../../shared/azure/token-bucket.ts';
import { trust } from '../azure/secure-server.ts';
import {
  bodyOf,
  endpointBody,
  type Facts,
  SERVERS,
  SUBSCRIPTIONS,
  TENANT,
  world,
  type World,
  type WorldServer,
} from '../simulation/world.ts';
import { CLOCK, type Cloud, initialFacts, type Trouble } from './cloud.ts';

const SCOPE = 'https://management.azure.com/.default';
/** Below this a hanging call would make a slow test, above it a slow machine a wrong one. */
const REQUEST_MS = 2000;

/** A subscription that exists, with a server in it, and that the identity may not read. */
export const SEALED = '33333333-3333-3333-3333-333333333333';

const notFound = { error: { code: 'ResourceNotFound', message: '' } };
const ARM = '^/subscriptions/';
const FIRST = '/flexibleservers/db0';
const GRAPH = 'Microsoft\\.ResourceGraph';

const FAULTS: Readonly<Record<Exclude<Trouble, 'Resource Graph is half an hour behind'>, Fault>> = {
  'ARM denies the first server': { match: `${FIRST}[/?]`, status: 403, body: '' },
  'ARM hides the first server': { match: `${FIRST}\\?`, status: 404, body: notFound },
  'ARM is throttled': { match: ARM, status: 429 },
  'ARM is throttled for an hour': { match: ARM, status: 429, headers: { 'retry-after': '3600' } },
  'ARM fails': { match: ARM, status: 500 },
  'ARM does not find what it has': { match: ARM, status: 404, body: notFound },
  'ARM answers 202': { match: ARM, status: 202 },
  'ARM hangs': { match: ARM, hang: true },
  'ARM lists fail': { match: '/(firewallRules|virtualNetworkRules|flexibleServers|servers)\\?', status: 503 },
  'Resource Graph is throttled': { match: GRAPH, status: 429, headers: { 'retry-after': '3600' } },
  'Resource Graph truncates': {
    match: GRAPH,
    status: 200,
    // Half of the servers, without a token for the others.
    body: {
      totalRecords: 7,
      count: 3,
      resultTruncated: 'true',
      facets: [],
      data: [0, 2, 1].map((index) => ({ id: SERVERS[index]?.id })),
    },
  },
};

/** The real readers, by HTTPS and their SDKs, over the embedded Azure with the same world in it. */
export async function embeddedCloud(): Promise<Cloud> {
  let time = CLOCK;
  const truth = world(initialFacts, CLOCK);
  const azure = await startAzure({ estate: emptyEstate(), now: () => new Date(time) });
  trust(azure.certificate);
  azure.switches.pageSize = 2;
  for (const server of SERVERS) put(azure, server, truth);
  const calls = { graph: 0, management: 0, throttled: 0 };
  const reader = { endpoint: azure.url, scope: SCOPE, credential: azure.credential, calls };
  return {
    arm: armReader({ ...reader, buckets: new Map(), requestMs: REQUEST_MS }),
    graph: graphReader({ ...reader, bucket: tokenBucket(2000, 1000) }),
    write(server, change) {
      truth.write(server, time, change);
      put(azure, server, truth);
    },
    passSeconds(seconds) {
      time += seconds * 1000;
    },
    make(trouble) {
      if (trouble === 'Resource Graph is half an hour behind') azure.switches.graphStalenessSeconds = 1800;
      else azure.switches.faults = [FAULTS[trouble]];
    },
    calm() {
      azure.switches.graphStalenessSeconds = 0;
      azure.switches.faults = [];
    },
    close: () => azure.close(),
  };
}

function emptyEstate(): ReturnType<typeof parseEstate> {
  const subscriptions = [...SUBSCRIPTIONS, SEALED].map((subscriptionId) => ({
    subscriptionId,
    displayName: subscriptionId.slice(0, 1),
    tenantId: TENANT,
    readable: subscriptionId !== SEALED,
  }));
  const id = `/subscriptions/${SEALED}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/secret`;
  const estate: EstateInput = { subscriptions, resources: [{ id }] };
  return parseEstate(estate);
}

/** Brings a server and its endpoint to what the world says of them. */
function put({ estate }: EmbeddedAzure, server: WorldServer, truth: World): void {
  const facts: Facts = truth.now(server);
  if (facts.exists) {
    estate.put(server.id, bodyOf(server, facts));
    const rules = new Map(facts.rules.map((rule) => [rule.name, rule]));
    for (const item of estate.list(`${server.id}/firewallRules`)) {
      if (!rules.has(String(item.name))) estate.delete(String(item.id));
    }
    for (const { name, start, end } of rules.values()) {
      const properties = { startIpAddress: start, endIpAddress: end };
      estate.put(`${server.id}/firewallRules/${name}`, { properties });
    }
  } else estate.delete(server.id);
  if (facts.endpoint) estate.put(server.endpointId, endpointBody(server, facts));
  else estate.delete(server.endpointId);
}
