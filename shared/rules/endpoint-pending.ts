import { approveConnection } from '../judging/az-command.ts';
import { endpointSubscription, requestKind } from '../judging/connections.ts';
import { counted, cutText } from '../judging/evidence.ts';
import { pendingKey } from '../judging/first-seen.ts';
import { defineRule } from './define-rule.ts';

const HOUR = 3_600_000;

export const endpointPending = defineRule({
  id: 'endpoint-pending',
  code: 'PE-002',
  title: 'Private endpoint connection waits for approval',
  severity: 'Medium',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Approve the connection if the requester is known, otherwise reject it.',
  documentation: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
  standards: [],
  needs: ['endpointConnections', 'firstSeen', 'observedAt', 'surroundings', 'server'],
  check({ endpointConnections, firstSeen, observedAt, surroundings, server }, { settings }) {
    const { pendingHours } = settings['endpoint-pending'];
    const now = Date.parse(observedAt);
    return endpointConnections.flatMap((connection) => {
      if (connection.status !== 'pending') return [];
      const seen = Date.parse(firstSeen[pendingKey(connection)] ?? observedAt);
      const created = Date.parse(connection.createdAt ?? observedAt);
      const since = Number.isNaN(created) ? seen : Math.min(seen, created);
      if (now - since < pendingHours * HOUR) return [];
      const ageHours = Math.floor((now - since) / HOUR);
      return [
        {
          subject: connection.id,
          summary: `A private endpoint connection waits for approval for ${counted(ageHours, 'hour')}.`,
          evidence: {
            status: 'pending',
            endpoint: connection.endpointId,
            subscription: endpointSubscription(connection) ?? null,
          },
          notes: {
            ageHours,
            description: cutText(connection.description),
            request: requestKind(connection, surroundings, server.id),
          },
        },
      ];
    });
  },
  command: (_, { subject }) => (subject === undefined ? '' : approveConnection(subject)),
});
