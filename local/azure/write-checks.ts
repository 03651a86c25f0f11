import { isIPv4 } from 'node:net';
import { idOfAddress, parentOf, parseAddress, typeOf, type Address } from './address.ts';
import { AzureError } from './azure-error.ts';
import { isRecord, listAt, textAt, valueAt, type Json } from './json.ts';
import type { Resources } from './resources.ts';
import { isServerType } from './resource-types.ts';
import { groupKey } from './store.ts';

const invalid = (code: string, message: string): AzureError => new AzureError(400, code, message);

const addressNumber = (text: string): number =>
  text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const checkFirewallRule = (type: string, body: Json): void => {
  const bounds = ['startIpAddress', 'endIpAddress'].map((key) => {
    const value = textAt(body, 'properties', key) ?? '';
    if (isIPv4(value)) return value;
    throw invalid(
      'InvalidParameterValue',
      `Invalid value given for parameter ${key}. Specify a valid IPv4 address.`,
    );
  });
  const [start = '', end = ''] = bounds;
  // Only Azure SQL is known to refuse a range that ends before it starts.
  if (type.startsWith('microsoft.sql/') && addressNumber(start) > addressNumber(end))
    throw invalid(
      'InvalidFirewallRuleRange',
      'The start IP address must not be greater than the end IP address.',
    );
};

const checkRulesAllowed = (server: Json | undefined): void => {
  const network = valueAt(server, 'properties', 'network');
  if (
    textAt(network, 'delegatedSubnetResourceId') === undefined &&
    textAt(network, 'publicNetworkAccess') !== 'Disabled'
  )
    return;
  throw invalid(
    'FirewallRuleOperationNotAllowed',
    'Firewall rule operations cannot be requested for a server with public access disabled.',
  );
};

/** Refuses a PUT in the cases in which Azure does: no parent, no resource group, malformed rules or targets. */
export const checkWrite = (
  resources: Resources,
  address: Address,
  body: unknown,
  refuseRulesWhileDisabled: boolean,
): Json => {
  const { store } = resources;
  const group = store.groups.get(groupKey(address.subscriptionId, address.resourceGroup ?? ''));
  if (!group)
    throw new AzureError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${address.resourceGroup ?? ''}' could not be found.`,
    );
  checkParent(resources, address);
  if (!isRecord(body)) throw invalid('InvalidRequestContent', 'The request content is not a JSON object.');
  const type = typeOf(address).toLowerCase();
  if (type.endsWith('/firewallrules')) {
    checkFirewallRule(type, body);
    if (refuseRulesWhileDisabled && type.startsWith('microsoft.dbformysql/flexibleservers/'))
      checkRulesAllowed(resources.read(parentOf(address)));
  }
  if (type.endsWith('/privateendpointconnections') && resources.read(address) === undefined)
    throw new AzureError(404, 'ResourceNotFound', `The connection '${idOfAddress(address)}' was not found.`);
  if (type === 'microsoft.network/privateendpoints') checkTargets(resources, body);
  return body;
};

/** Refuses a child whose parent does not exist. */
export const checkParent = (resources: Resources, address: Address): void => {
  if (address.steps.length < 2 || resources.read(parentOf(address)) !== undefined) return;
  const parent = parentOf(address);
  throw new AzureError(
    404,
    'ParentResourceNotFound',
    `Failed to perform '${typeOf(address)}' on resource(s) because the parent resource '${idOfAddress(parent)}' could not be found.`,
  );
};

const checkTargets = (resources: Resources, body: Json): void => {
  for (const key of ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections']) {
    for (const connection of listAt(body, 'properties', key)) {
      const id = textAt(connection, 'properties', 'privateLinkServiceId') ?? '';
      const target = parseAddress(id);
      if (target && (!isServerType(typeOf(target)) || resources.read(target) !== undefined)) continue;
      throw invalid(
        'InvalidResourceReference',
        `Resource ${id} referenced by the private endpoint was not found.`,
      );
    }
  }
};
