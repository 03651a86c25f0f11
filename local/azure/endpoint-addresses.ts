import { randomUUID } from 'node:crypto';
import { parseAddress, type Address } from './address.ts';
import { listAt, recordAt, textAt, type Json } from './json.ts';
import type { Resources } from './resources.ts';
import type { Cause } from './store.ts';

const read = (resources: Resources, id: string | undefined): Json | undefined => {
  const address = parseAddress(id ?? '');
  return address && address.steps.length > 0 ? resources.read(address) : undefined;
};

// Azure keeps the first four addresses of a subnet for itself.
const firstFree = 4;

/** The next free address of a subnet by the number of interfaces in it; undefined for an unknown subnet. */
const nextAddress = (resources: Resources, subscriptionId: string, subnetId: string): string | undefined => {
  const subnet = read(resources, subnetId);
  const prefix = textAt(subnet, 'properties', 'addressPrefix')?.split('/')[0]?.split('.').map(Number);
  if (prefix?.length !== 4) return undefined;
  const taken = new Set<string | undefined>();
  for (const node of resources.store.ofType(subscriptionId, 'Microsoft.Network/networkInterfaces').values()) {
    for (const item of listAt(node.body, 'properties', 'ipConfigurations'))
      taken.add(textAt(item, 'properties', 'privateIPAddress'));
  }
  const base = prefix.reduce((sum, part) => sum * 256 + part, 0);
  for (let offset = firstFree; offset < 65_536; offset += 1) {
    const number = base + offset;
    const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
    if (!taken.has(address)) return address;
  }
  return undefined;
};

/**
 * The properties that tell an endpoint's address: kept from before, as given, or of a new network interface in the
 * endpoint's subnet.
 */
export const endpointAddresses = (
  resources: Resources,
  address: Address,
  endpoint: Json,
  previous: Json | undefined,
  cause?: Cause,
): Json => {
  const known = { ...recordAt(previous, 'properties'), ...recordAt(endpoint, 'properties') };
  if (known['networkInterfaces'] !== undefined)
    return {
      networkInterfaces: known['networkInterfaces'],
      customDnsConfigs: known['customDnsConfigs'] ?? [],
    };
  const subnetId = textAt(endpoint, 'properties', 'subnet', 'id') ?? '';
  const fixed = listAt(endpoint, 'properties', 'ipConfigurations')[0];
  const ip =
    textAt(fixed, 'properties', 'privateIPAddress') ??
    nextAddress(resources, address.subscriptionId, subnetId);
  if (ip === undefined) return {};
  const connection = ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections'].flatMap((key) =>
    listAt(endpoint, 'properties', key),
  )[0];
  const target = read(resources, textAt(connection, 'properties', 'privateLinkServiceId'));
  const fqdn = textAt(target, 'properties', 'fullyQualifiedDomainName');
  const fqdns = fqdn === undefined ? [] : [fqdn];
  const name = `${textAt(endpoint, 'name') ?? ''}.nic.${randomUUID()}`;
  const nic: Address = {
    ...address,
    steps: [{ namespace: 'Microsoft.Network', type: 'networkInterfaces', name }],
  };
  const configuration = {
    name: 'privateEndpointIpConfig',
    properties: {
      privateIPAddress: ip,
      privateIPAllocationMethod: 'Dynamic',
      subnet: { id: subnetId },
      primary: true,
      privateLinkConnectionProperties: {
        groupId: listOfGroups(connection)[0],
        requiredMemberName: listOfGroups(connection)[0],
        fqdns,
      },
    },
  };
  const properties = {
    provisioningState: 'Succeeded',
    ipConfigurations: [configuration],
    privateEndpoint: { id: endpoint['id'] },
  };
  const made = resources.write(nic, { location: endpoint['location'], properties }, cause).body;
  return {
    networkInterfaces: [{ id: made['id'] }],
    customDnsConfigs: fqdns.map((each) => ({ fqdn: each, ipAddresses: [ip] })),
  };
};

const listOfGroups = (connection: Json | undefined): readonly unknown[] => {
  const groups = recordAt(connection, 'properties')['groupIds'];
  return Array.isArray(groups) ? groups : [];
};
