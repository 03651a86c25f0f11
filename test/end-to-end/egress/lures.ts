import type { Estate, Fault, Json } from '../../../local/azure/index.ts';
import { estateOf, flexible, GROUP, MYSQL, serverId, SHOP } from '../estate.ts';
import type { Trap } from './trap.ts';

/** Next pages of lists, each on a server of its own: all of them lead to the trap, or to a name that is not Azure's. */
export function nextLinks({ host, port }: Trap, azureUrl: string): readonly string[] {
  const azure = new URL(azureUrl).host;
  return [
    `https://${host}/next`,
    `http://${host}/next`,
    `//${host}/next`,
    `https://localhost:${port}/next`,
    `https://${azure}@${host}/next`,
    `https://${host}\\@${azure}/next`,
    `http://${azure}/next`,
    `https://${azure.replace('localhost', 'localhost.trap.example')}/next`,
    `https://user:password@${azure}/next`,
    'file:///etc/hostname',
  ];
}

/** How many of them there are. */
export const LINKS = 10;

/** Ids that Azure would never give, and one that only looks like one of its own. */
function ids({ host }: Trap): readonly string[] {
  const endpoint = 'providers/Microsoft.Network/privateEndpoints';
  return [
    `https://${host}/subscriptions/${SHOP}/resourceGroups/rg/${endpoint}/pe`,
    `//${host}/subscriptions/${SHOP}/resourceGroups/rg/${endpoint}/pe`,
    `@${host}/subscriptions/${SHOP}/resourceGroups/rg/${endpoint}/pe`,
    `/subscriptions/${SHOP}@${host}/resourceGroups/rg/${endpoint}/pe`,
    `/subscriptions/${SHOP}/resourceGroups/rg@${host}/${endpoint}/pe`,
    `/subscriptions/${SHOP}/resourceGroups/rg/${endpoint}/pe@${host}`,
    `/subscriptions/${SHOP}/resourceGroups/..%2f..%2f%2f${host}/${endpoint}/pe`,
    `/subscriptions/${SHOP}/resourceGroups/rg/${endpoint}/pe?x=https://${host}#y`,
    `/subscriptions/${SHOP}/../../../${host}/${endpoint}/pe`,
  ];
}

/** Servers whose every text is an address of the trap, and those whose lists and bodies will send their reader there. */
export function lureEstate(trap: Trap): Estate {
  const url = `https://${trap.host}/`;
  const lure = flexible('lure', 'Enabled', {}) as { properties: object };
  const connections = ids(trap).map((id, index) => ({
    id: `${url}${index}`,
    name: url,
    properties: {
      privateEndpoint: { id },
      groupIds: [url],
      privateLinkServiceConnectionState: { status: 'Approved', description: url, actionsRequired: url },
    },
  }));
  const properties = {
    ...lure.properties,
    fullyQualifiedDomainName: trap.host,
    sourceServerResourceId: url,
    network: { publicNetworkAccess: 'Enabled', delegatedSubnetResourceId: url },
    privateEndpointConnections: connections,
  };
  return estateOf([
    { ...lure, tags: { env: url, link: `http://${trap.host}` }, properties },
    {
      id: `${GROUP}/providers/Microsoft.Network/privateEndpoints/pe-lure`,
      location: url,
      properties: {
        subnet: { id: url },
        privateLinkServiceConnections: [
          { name: url, properties: { privateLinkServiceId: serverId('lure'), groupIds: [url] } },
          { name: url, properties: { privateLinkServiceId: url, groupIds: [url] } },
        ],
      },
    },
    ...Array.from({ length: LINKS }, (_, index) => flexible(`link${index}`, 'Enabled')),
    ...['moved', 'later', 'challenged', 'plain'].map((name) => flexible(name, 'Enabled')),
  ]);
}

/** Answers of every service that send their reader to the trap. */
export function faults(trap: Trap, azureUrl: string): Fault[] {
  const url = `https://${trap.host}/`;
  const location = { location: `http://${trap.host}/`, 'retry-after': '0' };
  const challenge = {
    'www-authenticate': `Bearer authorization_uri="http://${trap.host}/", resource_id="${url}", error="invalid_token"`,
  };
  return [
    ...nextLinks(trap, azureUrl).map((nextLink, index) => ({
      match: `/link${index}/firewallRules`,
      status: 200,
      body: { value: [], nextLink },
    })),
    { match: '/moved\\?', status: 307, headers: location },
    { match: '/later\\?', status: 202, headers: { ...location, 'azure-asyncoperation': url } },
    { match: '/challenged\\?', status: 401, headers: challenge },
    { match: '/msi/token', status: 307, headers: location, times: 1 },
    { match: 'Microsoft.ResourceGraph', status: 307, headers: location, times: 1 },
    { match: '^/dataCollectionRules/', status: 307, headers: location, times: 1 },
    { match: '^/dataCollectionRules/', status: 401, headers: challenge, times: 1 },
  ];
}

/** Resource Graph's rows for the first two queries of a sweep: subscriptions, servers. */
export function graphFaults(trap: Trap): Fault[] {
  const url = `https://${trap.host}/`;
  const answer = (data: readonly Json[], more: Json = {}): Fault => ({
    match: 'Microsoft.ResourceGraph',
    status: 200,
    times: 1,
    body: { totalRecords: data.length, count: data.length, resultTruncated: 'false', data, ...more },
  });
  const servers = [url, ...ids(trap).map((id) => id.replace(/Microsoft.Network.privateEndpoints/, MYSQL))];
  return [
    answer([
      { id: url, subscriptionId: url, tenantId: url },
      { id: `/subscriptions/${SHOP}`, subscriptionId: SHOP, tenantId: trap.host },
    ]),
    answer(
      servers.map((id) => ({
        id,
        name: url,
        type: MYSQL,
        location: url,
        tags: { link: url },
        properties: {},
      })),
      { $skipToken: url },
    ),
  ];
}

/** Events of Event Grid that name the trap wherever an event names anything, the last one about a server that exists. */
export function lureEvents(trap: Trap): readonly Json[] {
  const url = `https://${trap.host}/`;
  const servers = ids(trap).map((id) => id.replace(/Microsoft.Network.privateEndpoints/, MYSQL));
  const event = (resourceUri: string, index: number): Json => ({
    id: `lure-${index}`,
    topic: url,
    subject: resourceUri,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-05-20T12:00:00.0000000Z',
    dataVersion: '2',
    data: {
      resourceUri,
      resourceProvider: url,
      operationName: `${MYSQL}/firewallRules/write`,
      status: 'Succeeded',
      correlationId: url,
      validationCode: 'x',
      validationUrl: url,
      authorization: { scope: url, evidence: { principalType: 'User' } },
      claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': url, ipaddr: trap.host },
      httpRequest: { clientIpAddress: trap.host, method: 'PUT', url },
    },
  });
  return [...ids(trap), ...servers, url, serverId('plain')].map(event);
}
