import { type Estate, parseEstate } from '../../local/azure/index.ts';
import { parsePolicy } from '../../shared/policy.ts';
import * as registry from '../../shared/rules/index.ts';
import { HOSTILE } from './strings.ts';

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const TENANT = '99999999-9999-4999-8999-999999999999';
/** Letters of other scripts, brackets and dots are legal here. */
const GROUP = 'rg-Ünï(код).数据_1';
const SERVERS = 60;

export const serverId = (index: number): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.DBforMySQL/flexibleServers/_-_drop.table-${index}`;

export const IDS: readonly string[] = Array.from({ length: SERVERS }, (_, index) => serverId(index));

/** The strings of one server: all of them are spread over the servers. */
function share(index: number): readonly string[] {
  return HOSTILE.filter((_, place) => place % SERVERS === index);
}

/** As long as a name may be that stands in a path of the embedded Azure, which has no way to write a slash in it. */
const named = (text: string, index: number): string =>
  text.replaceAll('/', '').slice(0, 2_000) || `empty-${index}`;

const RANGES = [
  ['0.0.0.0', '0.0.0.0'],
  ['8.8.8.8', '8.8.30.8'],
  ['10.0.0.1', '10.0.0.9'],
  ['9.9.9.9', '9.9.9.9'],
] as const;

function serverOf(index: number): object {
  const texts = share(index);
  const rules = texts.map((text, place): readonly [string, object] => {
    const [startIpAddress, endIpAddress] = RANGES[place % RANGES.length] ?? RANGES[0];
    // Some ends are hostile themselves, and what they admit is not known.
    return [
      named(text, place),
      index % 2 === 0 && place % 7 === 6
        ? { startIpAddress: text, endIpAddress }
        : { startIpAddress, endIpAddress },
    ];
  });
  const connections = texts.map((text, place) => ({
    id: `${serverId(index)}/privateEndpointConnections/${named(text, place)}`,
    name: named(text, place),
    type: text,
    properties: {
      provisioningState: text,
      privateEndpoint: { id: place % 6 === 1 ? endpointOf(index, place) : text },
      groupIds: [text],
      privateLinkServiceConnectionState: {
        status: index % 3 === 0 && place % 4 === 0 ? text : place % 2 === 0 ? 'Pending' : 'Rejected',
        description: text,
        actionsRequired: text,
      },
    },
  }));
  const [first = '', second = ''] = texts;
  return {
    id: serverId(index),
    location: index % 4 === 0 ? first : 'westeurope',
    tags: Object.fromEntries(texts.map((text, place) => [texts.at(place - 1) ?? '', text])),
    sku: { name: first, tier: index % 5 === 0 ? second : 'GeneralPurpose' },
    properties: {
      state: index % 6 === 0 ? second : 'Ready',
      network: { publicNetworkAccess: index % 10 === 9 ? first : 'Enabled' },
      replicationRole: index % 7 === 0 ? first : 'None',
      sourceServerResourceId: second,
      privateEndpointConnections: connections,
    },
    children: { firewallRules: Object.fromEntries(rules) },
  };
}

/** The endpoint's name is legal: what stands in it is not. */
const endpointOf = (index: number, place: number): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Network/privateEndpoints/pe.${index}_${place}-`;

function endpointsOf(index: number): readonly object[] {
  return share(index).flatMap((text, place) => {
    if (place % 6 !== 1) return [];
    const state = { status: text, description: text, actionsRequired: text };
    const target = {
      privateLinkServiceId: serverId(index),
      groupIds: [text],
      privateLinkServiceConnectionState: state,
    };
    return [
      {
        id: endpointOf(index, place),
        location: text,
        tags: { [text]: text },
        properties: {
          provisioningState: index % 3 === 0 ? text : 'Failed',
          subnet: { id: text },
          manualPrivateLinkServiceConnections: [{ name: text, properties: target }],
        },
      },
    ];
  });
}

/** Every hostile string is somewhere in the text of a server, its rules, tags and connections, or of an endpoint. */
export const ESTATE: Estate = parseEstate({
  subscriptions: [
    { subscriptionId: SUBSCRIPTION, displayName: HOSTILE[20], tenantId: TENANT, managementGroup: 'mg' },
  ],
  managementGroups: [{ name: 'mg', parent: null }],
  resources: IDS.flatMap((_, index) => [serverOf(index), ...endpointsOf(index)]),
});

const EXEMPTED = [
  'azure-services-allowed',
  'public-access-enabled',
  'lockout-no-path',
  'too-many-firewall-rules',
];
const OWN_RULES = Object.values(registry);

/** A policy whose reasons, owners and patterns are hostile, as far as a policy may hold them. */
export function hostilePolicy(): string {
  const said = HOSTILE.filter(({ length }) => length <= 300).sort((a, b) => markupFirst(a) - markupFirst(b));
  const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const exemptions = IDS.flatMap((id, index) =>
    EXEMPTED.map((rule, place) => {
      const text = said[index * EXEMPTED.length + place] ?? '';
      const server = place === 0 ? `*${id.slice(-8).toLowerCase()}` : id.toLowerCase();
      return { rule, server, upTo: { severity: 'Critical' }, reason: text, owner: text, expires };
    }),
  );
  const servers = said.map((text) => ({ match: { id: text, tags: { [text]: text } }, profile: 'private' }));
  return accepted(
    exemptions.map((item) => JSON.stringify(item)),
    servers.map((item) => JSON.stringify(item)),
  );
}

const markupFirst = (text: string): number => (/[<"'&]/.test(text) ? 0 : 1);

/** One entry a line; those that the errors name are left out until there is none. */
function accepted(exemptions: readonly string[], servers: readonly string[]): string {
  const entries = [
    ...exemptions.map((line) => ({ line, of: 'exemptions' })),
    ...servers.map((line) => ({ line, of: 'servers' })),
  ];
  const text = `{"exemptions": [\n${exemptions.join(',\n')}\n], "servers": [\n${servers.join(',\n')}\n]}`;
  const result = parsePolicy(text, OWN_RULES, new Date().toISOString());
  if ('policy' in result) return text;
  const wrong = new Set(result.errors.map((error) => Number(/^line (\d+)/.exec(error)?.[1])));
  // The exemptions begin in the second line; a line lies between them and the servers.
  const left = entries.filter((_, place) => !wrong.has(place + (place < exemptions.length ? 2 : 3)));
  if (left.length === entries.length) throw new Error(result.errors.join('; '));
  const of = (kind: string): readonly string[] =>
    left.flatMap((entry) => (entry.of === kind ? [entry.line] : []));
  return accepted(of('exemptions'), of('servers'));
}
