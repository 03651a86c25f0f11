import { flexible, MYSQL_SINGLE, serverId } from '../estate.ts';
import { singleBody } from './estate.ts';
import type { Case } from './scene.ts';

const MANY = 200;
/** So many of them are deleted that all findings that are left can be kept apart. */
const ENOUGH = 20;

/** Rules about the service's life and the monitor itself. */
export const MONITOR_CASES: readonly Case[] = [
  {
    rule: 'retired-service',
    serverId: serverId('retired-service', MYSQL_SINGLE),
    estate: [],
    severity: 'High',
    reason: 'Deleted',
    open: async (scene) => {
      await scene.putServer(singleBody('GeneralPurpose'));
      await scene.putEndpoint();
    },
    // Its endpoint stays behind.
    close: (scene) => scene.deleteServer(),
  },
  {
    rule: 'server-unreadable',
    serverId: serverId('server-unreadable'),
    estate: [flexible('server-unreadable', 'Enabled')],
    subject: '|firewallRules',
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.deny(true),
    close: (scene) => scene.deny(false),
  },
  {
    rule: 'baseline-missing',
    serverId: serverId('baseline-missing'),
    estate: [],
    severity: 'Informational',
    reason: 'Approved',
    open: (scene) =>
      scene.putServer({
        location: 'westeurope',
        sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
        properties: {},
      }),
    close: (scene) => scene.approve(),
  },
  {
    rule: 'too-many-findings',
    serverId: serverId('too-many-findings'),
    estate: [flexible('too-many-findings', 'Enabled')],
    // The highest of those folded, which are private ranges.
    severity: 'Informational',
    // 200 of them, the switch, the rules, their number and the missing endpoint are 204; 199 stay.
    evidence: { folded: 5 },
    reason: 'Fixed',
    open: async (scene) => {
      for (let host = 1; host <= MANY; host += 1) await scene.putRule(`host-${host}`, `10.0.0.${host}`);
    },
    close: async (scene) => {
      for (let host = 1; host <= ENOUGH; host += 1) await scene.deleteRule(`host-${host}`);
    },
  },
];
