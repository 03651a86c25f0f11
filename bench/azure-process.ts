import { writeToArm } from '../local/arm-client.ts';
import { generateEstate, resetCounters, startAzure, type Switches } from '../local/azure/index.ts';
import { STREAMS } from '../local/streams.ts';
import { serve } from './child.ts';
import { RULES_PER_SERVER, type Size } from './needed.ts';

const DANA = {
  name: 'Dana Example',
  upn: 'dana@contoso.example',
  oid: 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
};
const FINDINGS = 'DatabaseExposureFindings_CL';

/** Where the embedded Azure of the bench is. */
export interface Address {
  readonly url: string;
  readonly identityEndpoint: string;
  readonly ruleId: string;
  readonly certificate: string;
  readonly subscriptions: readonly string[];
}

/** Calls since they were taken last, as Azure counted them. */
export interface Calls {
  readonly graph: number;
  readonly management: number;
  readonly throttled: number;
  readonly ingestion: number;
}

export interface Rule {
  readonly server: string;
  readonly name: string;
}

/** What reached Log Analytics, by table, and who was found open. */
export interface Ingested {
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly bytes: number }>>;
  readonly internet: readonly string[];
  readonly azure: readonly string[];
}

/** What the process of the embedded Azure can be asked. */
export type AzureCommands = {
  readonly start: { readonly given: Size; readonly answer: Address };
  readonly set: { readonly given: Partial<Switches>; readonly answer: null };
  readonly takeCalls: { readonly given: null; readonly answer: Calls };
  readonly ingested: { readonly given: null; readonly answer: Ingested };
  /** Opens a server to the internet without an event. */
  readonly open: { readonly given: Rule; readonly answer: null };
  /** The same by ARM, which sends the event; Unix milliseconds at ARM's answer. */
  readonly openByArm: { readonly given: Rule; readonly answer: number };
  readonly connect: { readonly given: { readonly endpoint: string }; readonly answer: null };
};

let started: ReturnType<typeof startAzure> | undefined;

function azure(): ReturnType<typeof startAzure> {
  if (!started) throw new Error('the embedded Azure was not started');
  return started;
}

const idOf = ({ server, name }: Rule): string => `${server}/firewallRules/${name}`;
const everywhere = { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } };
const versionOf = (id: string): string => (/mysql/i.test(id) ? '2024-12-30' : '2025-08-01');

serve<AzureCommands>({
  async start(size) {
    const estate = generateEstate({ ...size, rulesPerServer: RULES_PER_SERVER });
    started = startAzure({ estate, streams: STREAMS });
    const { url, identityEndpoint, ruleId, certificate, estate: live } = await started;
    return { url, identityEndpoint, ruleId, certificate, subscriptions: [...live.subscriptions.keys()] };
  },
  async set(switches) {
    Object.assign((await azure()).switches, switches);
    return null;
  },
  async takeCalls() {
    const { counters } = await azure();
    const { graphCalls: graph, managementCalls: management, throttled, ingestionCalls: ingestion } = counters;
    resetCounters(counters);
    return { graph, management, throttled, ingestion };
  },
  async ingested() {
    const { ingested } = await azure();
    const openBy = (rule: string): readonly string[] => [
      ...new Set(
        ingested(FINDINGS).flatMap(({ RuleId, Change, ServerId }) =>
          RuleId === rule && Change === 'Opened' && typeof ServerId === 'string' ? [ServerId] : [],
        ),
      ),
    ];
    const tables = Object.keys(STREAMS).map((stream) => {
      const table = stream.replace(/^Custom-/, '');
      const rows = ingested(table);
      const bytes = rows.reduce((sum, row) => sum + Buffer.byteLength(JSON.stringify(row)), 0);
      return [table, { rows: rows.length, bytes }] as const;
    });
    return {
      tables: Object.fromEntries(tables),
      internet: openBy('internet-reachable'),
      azure: openBy('azure-services-allowed'),
    };
  },
  async open(rule) {
    (await azure()).estate.put(idOf(rule), everywhere);
    return null;
  },
  async openByArm(rule) {
    await writeToArm(await azure(), 'PUT', idOf(rule), versionOf(rule.server), DANA, everywhere);
    return Date.now();
  },
  async connect({ endpoint }) {
    await (await azure()).addEventSubscription({ endpoint, schema: 'EventGridSchema' });
    return null;
  },
});
