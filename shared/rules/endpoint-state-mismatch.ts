import { endpointReading, statusUnknown, TARGET_STATUS_UNKNOWN, targetOf } from '../judging/connections.ts';
import { cutText } from '../judging/evidence.ts';
import { differs, mismatchKey } from '../judging/first-seen.ts';
import type { Verdicts } from '../model.ts';
import { defineRule } from './define-rule.ts';

const MIN_MILLISECONDS = 60_000;

export const endpointStateMismatch = defineRule({
  id: 'endpoint-state-mismatch',
  code: 'PE-012',
  title: 'Server and endpoint disagree about the connection state',
  severity: 'Low',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Trust the server side for exposure; repair or recreate the endpoint.',
  documentation: 'https://learn.microsoft.com/azure/private-link/troubleshoot-private-endpoint-connectivity',
  standards: [],
  needs: ['endpointConnections', 'surroundings', 'server', 'firstSeen', 'observedAt'],
  check({ endpointConnections, surroundings, server, firstSeen, observedAt }) {
    return endpointConnections.flatMap((connection): Verdicts => {
      const subject = connection.id;
      const endpoint = endpointReading(connection.endpointId, surroundings);
      if (endpoint === 'gone') return [];
      if ('unknown' in endpoint) return [{ subject, unknown: endpoint.unknown }];
      const target = targetOf(endpoint, server.id);
      if (!target) return [];
      if ('unknown' in target) return [{ subject, unknown: target.unknown }];
      if (connection.status === 'unknown') return [{ subject, unknown: statusUnknown(connection) }];
      if (target.status === 'unknown') return [{ subject, unknown: TARGET_STATUS_UNKNOWN }];
      const since = firstSeen[mismatchKey(connection, target)] ?? observedAt;
      if (!differs(connection, target) || Date.parse(observedAt) - Date.parse(since) < MIN_MILLISECONDS)
        return [];
      return [
        {
          subject,
          summary: `The server says that the connection is ${connection.status}, the endpoint says ${target.status}.`,
          evidence: { server: connection.status, endpoint: target.status, endpointId: connection.endpointId },
          notes: {
            since,
            serverDescription: cutText(connection.description),
            endpointDescription: cutText(target.description),
          },
        },
      ];
    });
  },
});
