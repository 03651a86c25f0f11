import * as z from 'zod';
import type {
  ConnectionStatus,
  EndpointConnection,
  FirewallRule,
  PublicAccess,
  PublicAccessSwitch,
  Replication,
  VirtualNetworkRule,
} from '../model.ts';
import { boundedName } from '../identity.ts';
import { resourceIdOf } from '../resource-id.ts';

const SWITCHES: readonly PublicAccessSwitch[] = ['enabled', 'disabled'];
const STATUSES: readonly ConnectionStatus[] = ['approved', 'pending', 'rejected', 'disconnected'];
const MAX_TEXT = 256;
const MAX_GROUPS = 20;

/** Compared without case and surrounding spaces; what these families do not document is unknown. */
export function publicAccess(value: unknown): PublicAccess {
  const raw = value === undefined ? 'absent' : JSON.stringify(value).slice(0, MAX_TEXT);
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  const known = SWITCHES.find((name) => name === text);
  return { switch: known ?? 'unknown', raw };
}

/** A server without one is not injected; of a text that names no resource nobody can say. */
export function delegatedSubnet(value: string | null | undefined): string | null {
  const text = value?.trim();
  if (!text) return null;
  const id = resourceIdOf(text);
  if (id === undefined) throw new Error('a subnet that is no resource');
  return id;
}

const Child = z.object({ name: z.string().optional(), id: z.string().optional() });

function childName({ name, id }: z.infer<typeof Child>): string {
  const found = name || id?.split('/').at(-1);
  if (!found) throw new Error('a child without a name');
  return boundedName(found);
}

const RuleEnd = z
  .unknown()
  .optional()
  .transform((value) => {
    if (value === undefined || value === null) return null;
    return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_TEXT);
  });

const Rule = Child.extend({ properties: z.object({ startIpAddress: RuleEnd, endIpAddress: RuleEnd }) });

/** Ids are built from the server that was asked: answers may carry another type or casing. */
export function firewallRules(items: readonly unknown[], serverId: string): readonly FirewallRule[] {
  return items.map((item) => {
    const rule = Rule.parse(item);
    const name = childName(rule);
    const id = `${serverId}/firewallrules/${name.toLowerCase()}`;
    return { id, name, start: rule.properties.startIpAddress, end: rule.properties.endIpAddress };
  });
}

const SubnetRule = Child.extend({
  properties: z.object({ virtualNetworkSubnetId: z.string().nullish() }),
});

/** Virtual network rules of the single servers. */
export function virtualNetworkRules(
  items: readonly unknown[],
  serverId: string,
): readonly VirtualNetworkRule[] {
  return items.map((item) => {
    const rule = SubnetRule.parse(item);
    const name = childName(rule);
    const id = `${serverId}/virtualnetworkrules/${name.toLowerCase()}`;
    return { id, name, subnetId: resourceIdOf(rule.properties.virtualNetworkSubnetId) ?? null };
  });
}

const Connection = Child.extend({
  properties: z
    .object({
      privateEndpoint: z.object({ id: z.string().nullish() }).nullish(),
      groupIds: z.array(z.string()).nullish(),
      privateLinkServiceConnectionState: z
        .object({ status: z.string().nullish(), description: z.string().nullish() })
        .nullish(),
    })
    .nullish(),
  systemData: z.object({ createdAt: z.string().nullish() }).nullish(),
});

/** A server that answers without the list has no connections; anything but a list is not interpreted. */
export function endpointConnections(
  list: readonly unknown[] | undefined,
  serverId: string,
): readonly EndpointConnection[] {
  return (list ?? []).map((item) => {
    const connection = Connection.parse(item);
    const name = childName(connection);
    const {
      privateEndpoint,
      groupIds,
      privateLinkServiceConnectionState: state,
    } = connection.properties ?? {};
    return {
      id: `${serverId}/privateendpointconnections/${name.toLowerCase()}`,
      name,
      ...connectionState(state?.status),
      description: (state?.description ?? '').slice(0, MAX_TEXT),
      groupIds: (groupIds ?? []).slice(0, MAX_GROUPS).map(boundedName).sort(),
      endpointId: resourceIdOf(privateEndpoint?.id) ?? null,
      createdAt: connection.systemData?.createdAt ?? null,
    };
  });
}

/** Statuses are compared without case; any other text is kept as read and admits nothing. */
export function connectionState(text: string | null | undefined): {
  readonly status: ConnectionStatus;
  readonly statusText: string;
} {
  const statusText = (text ?? '').slice(0, MAX_TEXT);
  const known = STATUSES.find((status) => status === statusText.trim().toLowerCase());
  return { status: known ?? 'unknown', statusText };
}

const REPLICAS = ['replica', 'asyncreplica', 'geoasyncreplica'];
/** Empty where the server never had one. */
const NO_REPLICAS = ['', 'none', 'primary', 'source', 'master'];

const isReplicaRole = (role: string): boolean => REPLICAS.includes(role.trim().toLowerCase());

/** True for a role that Azure documents: of any other nobody can say whether it makes a replica. */
export function isDocumentedRole(role: string): boolean {
  return isReplicaRole(role) || NO_REPLICAS.includes(role.trim().toLowerCase());
}

/** The role as Azure returned it, empty where it gave none; of several, one that makes a replica or may make one. */
export function replication(
  roles: readonly (string | null | undefined)[],
  sourceId: string | null | undefined,
): Replication {
  const given = roles.flatMap((text) => text || []);
  const role = given.find(isReplicaRole) ?? given.find((text) => !isDocumentedRole(text)) ?? given[0] ?? '';
  const isReplica = isReplicaRole(role);
  return {
    role: boundedName(role),
    isReplica,
    sourceId: isReplica ? (resourceIdOf(sourceId) ?? null) : null,
  };
}
