import type { ServerRef } from '../model.ts';

const GROUPS: Readonly<Record<string, string>> = {
  'microsoft.dbformysql/flexibleservers': 'mysql flexible-server',
  'microsoft.dbforpostgresql/flexibleservers': 'postgres flexible-server',
  'microsoft.dbformysql/servers': 'mysql server',
  'microsoft.dbforpostgresql/servers': 'postgres server',
};

/** How each command group names the server and the rule of a server: the PostgreSQL one changed with Azure CLI 2.86. */
const RULE_OPTIONS: Readonly<Record<string, readonly [server: string, rule: string]>> = {
  'mysql flexible-server': ['name', 'rule-name'],
};

/** Quoted for a POSIX shell; control and format characters are dropped: they could hide what the line does. */
export function quote(argument: string): string {
  const visible = argument.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
  if (/^[A-Za-z0-9_./:@-]+$/.test(visible)) return visible;
  return `'${visible.replaceAll("'", String.raw`'\''`)}'`;
}

type Option = readonly [name: string, value: string];

/** `az <command> --name value ...`; a value that starts with a dash is tied to its option. */
function az(command: string, options: readonly Option[]): string {
  const words = options.map(([name, value]) => {
    const quoted = quote(value);
    return /^'?-/.test(quoted) ? `--${name}=${quoted}` : `--${name} ${quoted}`;
  });
  return ['az', command, ...words].join(' ');
}

/** Whatever subscription the command line is set to, the command acts in the server's. */
function where(server: ServerRef): Option {
  return ['subscription', server.subscription];
}

/** Switches public network access off; empty for a family that the Azure CLI has no such command for. */
export function disablePublicAccess(server: ServerRef): string {
  const group = GROUPS[server.family];
  if (!group) return '';
  const access = group.endsWith('flexible-server') ? 'public-access' : 'public-network-access';
  return az(`${group} update`, [
    ['resource-group', server.resourceGroup],
    ['name', server.name],
    [access, 'Disabled'],
    where(server),
  ]);
}

/** One line for each firewall or virtual network rule of the server, by the rules' ids; empty for an unknown family. */
export function deleteRules(server: ServerRef, ruleIds: readonly string[]): string {
  const group = GROUPS[server.family];
  if (!group) return '';
  const [serverOption, ruleOption] = RULE_OPTIONS[group] ?? ['server-name', 'name'];
  const lines = ruleIds.map((id) => {
    const [type, name] = id.split('/').slice(-2);
    const command = type === 'virtualnetworkrules' ? 'vnet-rule' : 'firewall-rule';
    return az(`${group} ${command} delete`, [
      ['resource-group', server.resourceGroup],
      [serverOption, server.name],
      [ruleOption, name ?? ''],
      where(server),
    ]);
  });
  return lines.join('\n');
}

/** Removes one connection from the server's side. */
export function deleteConnection(connectionId: string): string {
  return az('network private-endpoint-connection delete', [['id', connectionId]]);
}

/** Approves one connection from the server's side. */
export function approveConnection(connectionId: string): string {
  return az('network private-endpoint-connection approve', [['id', connectionId]]);
}

/** Removes one private endpoint. */
export function deleteEndpoint(endpointId: string): string {
  return az('network private-endpoint delete', [['ids', endpointId]]);
}
