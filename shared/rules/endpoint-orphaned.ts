import { deleteConnection, deleteEndpoint } from '../judging/az-command.ts';
import { endpointReading, TARGET_STATUS_UNKNOWN, targetOf } from '../judging/connections.ts';
import { Unknown, type Verdicts } from '../model.ts';
import { parseResourceId } from '../resource-id.ts';
import { defineRule } from './define-rule.ts';

/** Asks for no facet of the server: it may be gone. */
export const endpointOrphaned = defineRule({
  id: 'endpoint-orphaned',
  code: 'PE-009',
  title: 'Orphaned private endpoint or connection',
  severity: 'Low',
  category: 'private-endpoint',
  subject: 'private endpoint',
  fix: 'Delete the endpoint (before the server, when the server is to be removed) or the leftover connection.',
  documentation: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
  standards: [],
  needs: ['server', 'surroundings', 'network', 'confirmedGone', 'scope'],
  check({ server, surroundings, network, confirmedGone, scope }) {
    const isServerGone = confirmedGone.includes(server.id);
    const endpoints = Object.keys(surroundings.endpoints).flatMap((id): Verdicts => {
      const endpoint = endpointReading(id, surroundings);
      if (endpoint === 'gone') return [];
      if ('unknown' in endpoint) return [{ subject: id, unknown: endpoint.unknown }];
      const target = targetOf(endpoint, server.id);
      if (!target) return [];
      if ('unknown' in target) return [{ subject: id, unknown: target.unknown }];
      if (!isServerGone && target.status === 'unknown')
        return [{ subject: id, unknown: TARGET_STATUS_UNKNOWN }];
      if (!isServerGone && target.status !== 'disconnected') return [];
      const summary = isServerGone
        ? 'A private endpoint still targets this server, which no longer exists.'
        : 'A private endpoint that targets this server is disconnected.';
      const kind = isServerGone ? 'server gone' : 'disconnected';
      return [
        {
          subject: id,
          summary,
          evidence: { case: kind, endpoint: id, server: server.id, status: target.status },
        },
      ];
    });
    const list = network.endpointConnections;
    if (isServerGone || !list) return endpoints;
    if ('unreadable' in list) throw new Unknown(`endpointConnections: ${list.unreadable}`);
    const connections = list.value.flatMap(({ id, status, endpointId }): Verdicts => {
      if (endpointId === null || !scope.includes(parseResourceId(endpointId)?.subscription ?? '')) return [];
      const endpoint = endpointReading(endpointId, surroundings);
      if (endpoint !== 'gone' && 'unknown' in endpoint) return [{ subject: id, unknown: endpoint.unknown }];
      // One 404 alone proves nothing: the endpoint may be about to appear.
      if (endpoint !== 'gone' || !confirmedGone.includes(endpointId)) return [];
      const summary = 'The server lists a connection of a private endpoint that no longer exists.';
      return [
        {
          subject: id,
          summary,
          evidence: { case: 'endpoint gone', endpoint: endpointId, connection: id, status },
        },
      ];
    });
    return [...endpoints, ...connections];
  },
  command: (_, { subject = '' }) =>
    subject.includes('/privateendpointconnections/') ? deleteConnection(subject) : deleteEndpoint(subject),
});
