import { writeToArm } from '../../../local/arm-client.ts';
import type { Json } from '../../../local/azure/index.ts';
import type { Severity } from '../../../shared/model.ts';
import { DANA, putRule, write } from '../cloud.ts';
import { endpointId, SUBNET } from '../estate.ts';
import { approve } from './readings.ts';
import type { ShiftedCloud } from './shifted-cloud.ts';

/** How one rule opens and closes on the server that bears its name. */
export interface Case {
  readonly rule: string;
  readonly severity: Severity;
  /** Left out: the server. `endpoint`: the private endpoint `pe-<rule>`; else what follows the server's id. */
  readonly subject?: string;
  /** Of the evidence, where the severity alone says too little. */
  readonly evidence?: Json;
  readonly reason: 'Fixed' | 'Approved' | 'NotApplicable' | 'Superseded' | 'Deleted';
  /** As Azure writes it. */
  readonly serverId: string;
  /** What is there at the start: the server, unless a write creates it. */
  readonly estate: readonly object[];
  /** Writes before the first sweep. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  readonly open: (scene: Scene) => Promise<void>;
  readonly close: (scene: Scene) => Promise<void>;
}

/** What a case may do: but for `fail` and `deny` it is a write of a person to ARM, or the approval over HTTP. */
export interface Scene {
  readonly serverId: string;
  putServer(body: object): Promise<void>;
  patchServer(body: object): Promise<void>;
  deleteServer(): Promise<void>;
  /** Switches public access. */
  access(value: string): Promise<void>;
  detach(): Promise<void>;
  putRule(name: string, start: string, end?: string): Promise<void>;
  deleteRule(name: string): Promise<void>;
  putEndpoint(options?: EndpointOptions): Promise<void>;
  deleteEndpoint(): Promise<void>;
  /** Approves or rejects the server's first connection. */
  decide(status: string): Promise<void>;
  deleteConnection(): Promise<void>;
  /** Leaves the private endpoint as Azure does after a failure of its own, which no write causes. */
  fail(change: (endpoint: Json) => Json): Promise<void>;
  /** Takes away, or gives back, the right to read the firewall rules. */
  deny(denied: boolean): Promise<void>;
  /** Approves what was last read as the baseline. */
  approve(): Promise<void>;
}

interface EndpointOptions {
  readonly name?: string;
  readonly location?: string;
  readonly subscription?: string;
  /** Asks for approval instead of taking it. */
  readonly manual?: boolean;
}

/** The scene of a case. */
export function sceneOf(cloud: ShiftedCloud, { rule, serverId }: Pick<Case, 'rule' | 'serverId'>): Scene {
  const { azure } = cloud;
  const put = (id: string, body: object): Promise<void> => write(cloud, 'PUT', id, body);
  const remove = (id: string): Promise<void> => write(cloud, 'DELETE', id);
  const patchServer = (body: object): Promise<void> => write(cloud, 'PATCH', serverId, body);
  const connection = (): string => {
    const [first] = azure.estate.list(`${serverId}/privateEndpointConnections`);
    return String(first?.['id']);
  };
  const endpoint = endpointId(`pe-${rule}`);
  const rulesDenied = `${serverId}/firewallRules`;
  return {
    serverId,
    putServer: (body) => put(serverId, body),
    patchServer,
    deleteServer: () => remove(serverId),
    access: (value) => patchServer({ properties: { network: { publicNetworkAccess: value } } }),
    detach: () => writeToArm(azure, 'POST', `${serverId}/detachVNet`, '2024-12-30', DANA, {}),
    putRule: (name, start, end = start) => putRule(cloud, serverId, name, start, end),
    deleteRule: (name) => remove(`${serverId}/firewallRules/${name}`),
    putEndpoint: ({ name = `pe-${rule}`, location = 'westeurope', subscription, manual } = {}) => {
      const id = endpointId(name);
      const list = manual ? 'manualPrivateLinkServiceConnections' : 'privateLinkServiceConnections';
      const target = {
        name: 'database',
        properties: { privateLinkServiceId: serverId, groupIds: ['mysqlServer'] },
      };
      const properties = { subnet: { id: SUBNET }, [list]: [target] };
      return put(subscription ? id.replace(/[0-9a-f-]{36}/, subscription) : id, { location, properties });
    },
    deleteEndpoint: () => remove(endpoint),
    decide: (status) =>
      put(connection(), { properties: { privateLinkServiceConnectionState: { status, description: '' } } }),
    deleteConnection: () => remove(connection()),
    fail: (change) => {
      azure.estate.put(endpoint, change(azure.estate.get(endpoint) ?? {}));
      return Promise.resolve();
    },
    deny: (denied) => {
      const { switches } = azure;
      switches.denied = denied ? [rulesDenied] : switches.denied.filter((path) => path !== rulesDenied);
      return Promise.resolve();
    },
    approve: () => approve(cloud, serverId),
  };
}
