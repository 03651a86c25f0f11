import { recordAt, textAt, valueAt, withProperties, without, type Json } from './json.ts';

const domains: Readonly<Record<string, string>> = {
  'microsoft.dbforpostgresql/flexibleservers': 'postgres.database.azure.com',
  'microsoft.dbformysql/flexibleservers': 'mysql.database.azure.com',
  'microsoft.dbforpostgresql/servers': 'postgres.database.azure.com',
  'microsoft.dbformysql/servers': 'mysql.database.azure.com',
  'microsoft.dbformariadb/servers': 'mariadb.database.azure.com',
  'microsoft.sql/servers': 'database.windows.net',
};

/** A server as Azure answers it: passwords and modes are never told, the read-only parts stay what they were. */
const server = (type: string, name: string, given: Json, existing: Json | undefined): Json => {
  const asked = without(recordAt(given, 'properties'), 'administratorLoginPassword', 'createMode');
  const kept = recordAt(existing, 'properties');
  const flexible = type.endsWith('/flexibleservers');
  const stateKey =
    type.endsWith('/flexibleservers') || type === 'microsoft.sql/servers' ? 'state' : 'userVisibleState';
  const network = { ...recordAt(kept, 'network'), ...recordAt(asked, 'network') };
  const injected = textAt(network, 'delegatedSubnetResourceId') !== undefined;
  return {
    ...without(given, 'properties'),
    properties: {
      [stateKey]: kept[stateKey] ?? 'Ready',
      ...(domains[type] !== undefined && {
        fullyQualifiedDomainName: kept['fullyQualifiedDomainName'] ?? `${name}.${domains[type]}`,
      }),
      ...asked,
      ...(flexible && { network: { publicNetworkAccess: injected ? 'Disabled' : 'Enabled', ...network } }),
      // Read-only in Azure: endpoints write it, not the server's owner.
      ...(kept['privateEndpointConnections'] !== undefined && {
        privateEndpointConnections: kept['privateEndpointConnections'],
      }),
    },
  };
};

/** A parameter keeps its description and limits; MySQL tells the value in force beside the stored one. */
const configuration = (type: string, given: Json, existing: Json | undefined): Json => {
  const value = valueAt(given, 'properties', 'value');
  const source = textAt(given, 'properties', 'source') ?? 'user-override';
  const current = type.startsWith('microsoft.dbformysql/flexible') ? { currentValue: value } : {};
  return withProperties(existing ?? {}, { ...recordAt(given, 'properties'), value, source, ...current });
};

const recordSet = (given: Json, name: string, zone: string): Json => {
  const { TTL, ...properties } = recordAt(given, 'properties');
  return {
    ...given,
    properties: {
      fqdn: `${name.toLowerCase()}.${zone.toLowerCase()}.`,
      isAutoRegistered: false,
      ttl: TTL ?? 3600,
      ...properties,
    },
  };
};

/** A body as Azure stores it: what Azure fills in is there, what it never tells is gone. `type` is lower-cased. */
export const shapeOf = (
  type: string,
  name: string,
  parentName: string,
  given: Json,
  existing: Json | undefined,
): Json => {
  const body = without(given, 'id', 'name', 'type');
  if (type in domains) return server(type, name, body, existing);
  if (type.endsWith('/firewallrules'))
    return {
      properties: {
        startIpAddress: valueAt(body, 'properties', 'startIpAddress'),
        endIpAddress: valueAt(body, 'properties', 'endIpAddress'),
      },
    };
  if (type.endsWith('/configurations'))
    return configuration(type, body, existing && without(existing, 'id', 'name', 'type'));
  if (/^microsoft\.network\/privatednszones\/[a-z]+$/.test(type) && !type.endsWith('links'))
    return recordSet(body, name, parentName);
  if (type.endsWith('/virtualnetworklinks'))
    return {
      location: 'global',
      ...withProperties(body, { virtualNetworkLinkState: 'Completed', provisioningState: 'Succeeded' }),
    };
  if (type.endsWith('/virtualnetworkrules'))
    return withProperties(body, { state: textAt(body, 'properties', 'state') ?? 'Ready' });
  if (type.startsWith('microsoft.network/')) return withProperties(body, { provisioningState: 'Succeeded' });
  return 'properties' in body ? body : { ...body, properties: {} };
};
