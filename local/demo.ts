import type { EmbeddedAzure } from './azure/index.ts';
import { type Person, writeToArm } from './arm-client.ts';

const RETAIL = '/subscriptions/11111111-1111-4111-8111-111111111111';

const person: Person = {
  name: 'Robin Sample',
  upn: 'robin.sample@contoso.example',
  oid: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee11',
};

/** One change to the sample estate, and how it is taken back. */
export interface Drift {
  readonly title: string;
  /** Lower-cased id of the server that it concerns. */
  readonly serverId: string;
  make(): Promise<void>;
  takeBack(): Promise<void>;
}

/** The three changes of the first minute, made through ARM as anybody would make them. */
export function drifts(azure: EmbeddedAzure): readonly Drift[] {
  const ids = azure.estate.ids();
  const find = (end: string): string => {
    const id = ids.find((candidate) => candidate.toLowerCase().endsWith(end));
    if (id === undefined) throw new Error(`The sample estate has no ${end}.`);
    return id;
  };
  const orders = find('microsoft.dbformysql/flexibleservers/orders');
  const ledger = find('microsoft.dbforpostgresql/flexibleservers/ledger');
  const payroll = find('microsoft.dbforpostgresql/flexibleservers/payroll');
  const rule = `${orders}/firewallRules/temporary-everything`;
  const connection = `${payroll}/privateEndpointConnections/${connectionOf(azure, payroll)}`;
  const access = (value: string): Promise<void> =>
    writeToArm(azure, 'PATCH', ledger, '2025-08-01', person, {
      properties: { network: { publicNetworkAccess: value } },
    });
  const decide = (status: string): Promise<void> =>
    writeToArm(azure, 'PUT', connection, '2025-08-01', person, {
      properties: { privateLinkServiceConnectionState: { status, description: 'Changed by hand' } },
    });
  return [
    {
      title: 'A firewall rule opens the MySQL server "orders" to the whole Internet.',
      serverId: orders.toLowerCase(),
      make: () =>
        writeToArm(azure, 'PUT', rule, '2024-12-30', person, {
          properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' },
        }),
      takeBack: () => writeToArm(azure, 'DELETE', rule, '2024-12-30', person),
    },
    {
      title: 'Public access is switched on at the PostgreSQL server "ledger", where a wide rule was waiting.',
      serverId: ledger.toLowerCase(),
      make: () => access('Enabled'),
      takeBack: () => access('Disabled'),
    },
    {
      title: 'The last approved private endpoint of the PostgreSQL server "payroll" is rejected.',
      serverId: payroll.toLowerCase(),
      make: () => decide('Rejected'),
      takeBack: () => decide('Approved'),
    },
  ];
}

function connectionOf(azure: EmbeddedAzure, serverId: string): string {
  const body = azure.estate.get(serverId) as
    { properties?: { privateEndpointConnections?: readonly { name?: string }[] } } | undefined;
  const name = body?.properties?.privateEndpointConnections?.[0]?.name;
  if (name === undefined) throw new Error('The sample estate lost the private endpoint of payroll.');
  return name;
}

/** The address and body with which a newcomer tries a change. */
export function tryLine(azure: EmbeddedAzure, certificateFile: string): string {
  const id = `${RETAIL}/resourceGroups/${groupOf(azure)}/providers/Microsoft.DBforMySQL/flexibleServers/orders`;
  const body = '{"properties":{"startIpAddress":"198.51.100.0","endIpAddress":"198.51.103.255"}}';
  return [
    `curl --cacert ${certificateFile} -X PUT -H 'content-type: application/json' \\`,
    `  '${azure.url}${id}/firewallRules/anything?api-version=2024-12-30' \\`,
    `  -d '${body}'`,
  ].join('\n');
}

function groupOf(azure: EmbeddedAzure): string {
  const id = azure.estate.ids().find((text) => text.toLowerCase().endsWith('flexibleservers/orders'));
  return id?.split('/')[4] ?? '';
}
