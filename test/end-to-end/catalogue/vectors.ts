import type { Reach } from '../../../shared/exposure.ts';
import { flexible, MYSQL, MYSQL_SINGLE, POSTGRES, serverId } from '../estate.ts';
import { POSTGRES_SINGLE } from './estate.ts';

/** A server of one family whose exposure other tools tell wrong, and what is true of it. */
export interface Vector {
  readonly when: string;
  readonly serverId: string;
  readonly server: object;
  readonly reach: Reach;
  readonly publicAddresses: number | null;
  readonly ranges: readonly string[] | null;
  /** Ids and severities of the rules that are open, sorted; those of the monitor itself left out. */
  readonly rules: readonly string[];
}

type Rules = Parameters<typeof flexible>[2];

const TYPES = [MYSQL, POSTGRES, MYSQL_SINGLE, POSTGRES_SINGLE];

const SPLIT: Rules = {
  'lower-half': ['0.0.0.0', '127.255.255.255'],
  'upper-half': ['128.0.0.0', '255.255.255.255'],
};
/** The first is named after Azure and admits one address; the second is not, and admits all of Azure. */
const LYING: Rules = {
  AllowAllWindowsAzureIps: ['203.0.113.4', '203.0.113.4'],
  office: ['0.0.0.0', '0.0.0.0'],
};
const ANYBODY: Rules = { anybody: ['0.0.0.0', '255.255.255.255'] };

/** Three servers of each of the four families. */
export const VECTORS: readonly Vector[] = TYPES.flatMap((type, index): Vector[] => {
  const retired = type.endsWith('/servers') ? ['retired-service High'] : [];
  const id = (name: string): string => serverId(`${name}-${index}`, type);
  const server = (name: string, rules: Rules, access?: string): object =>
    serverBody(`${name}-${index}`, type, rules, access);
  return [
    {
      when: `${type}: the internet in two halves`,
      serverId: id('split'),
      server: server('split', SPLIT, 'Enabled'),
      reach: 'internet',
      publicAddresses: 3_702_390_784,
      ranges: ['0.0.0.0/0'],
      rules: [
        'firewall-rules-in-use Low',
        'internet-reachable Critical',
        'private-endpoint-missing Medium',
        'public-access-enabled High',
        ...retired,
      ],
    },
    {
      when: `${type}: rule names that lie in both directions`,
      serverId: id('lying'),
      server: server('lying', LYING, 'Enabled'),
      reach: 'azure',
      publicAddresses: 1,
      ranges: ['203.0.113.4'],
      rules: [
        'azure-services-allowed High',
        'firewall-rules-in-use Low',
        'misleading-rule-name Medium',
        'misleading-rule-name Medium',
        'private-endpoint-missing Medium',
        'public-access-enabled High',
        ...retired,
      ],
    },
    {
      when: `${type}: no switch at all`,
      serverId: id('absent'),
      server: server('absent', ANYBODY),
      reach: 'unknown',
      publicAddresses: null,
      ranges: null,
      rules: ['private-endpoint-missing Medium', 'public-access-unknown High', ...retired],
    },
  ];
});

function serverBody(name: string, type: string, rules: Rules, access: string | undefined): object {
  const publicAccess = access === undefined ? {} : { publicNetworkAccess: access };
  const properties = type.endsWith('/servers')
    ? { userVisibleState: 'Ready', replicationRole: 'None', ...publicAccess }
    : { state: 'Ready', replicationRole: 'None', network: publicAccess };
  return { ...flexible(name, 'Enabled', rules, type), properties };
}
