import { counted, cutText } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

const MAX_SWEEPS = 2;

export const serverUnreadable = defineRule({
  id: 'server-unreadable',
  code: 'MON-001',
  title: 'Server listed but not readable',
  severity: 'Medium',
  category: 'monitor',
  subject: 'fact group',
  fix: 'Grant the named read action, or remove the server from scope.',
  documentation: 'https://learn.microsoft.com/azure/role-based-access-control/troubleshooting',
  standards: [],
  needs: ['failedReadings', 'server'],
  check({ failedReadings, server }) {
    return failedReadings
      .filter(({ denied, sweeps }) => denied || sweeps > MAX_SWEEPS)
      .map(({ group, denied, reason, since, sweeps }) => ({
        subject: `${server.id}|${group}`,
        summary: denied
          ? `The monitor is not allowed to read "${group}" of the server.`
          : `Reading "${group}" of the server failed in ${counted(sweeps, 'sweep')} in a row.`,
        evidence: { group, denied },
        notes: { reason: cutText(reason), since, sweeps },
      }));
  },
});
