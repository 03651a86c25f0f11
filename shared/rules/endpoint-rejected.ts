import { deleteConnection } from '../judging/az-command.ts';
import { statusUnknown } from '../judging/connections.ts';
import { cutText } from '../judging/evidence.ts';
import type { Verdicts } from '../model.ts';
import { defineRule } from './define-rule.ts';

export const endpointRejected = defineRule({
  id: 'endpoint-rejected',
  code: 'PE-003',
  title: 'Private endpoint connection rejected or disconnected',
  severity: 'Medium',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Delete the dead connection and its endpoint, and request a new one if it is needed.',
  documentation: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
  standards: [],
  needs: ['endpointConnections', 'exposure'],
  check({ endpointConnections, exposure }) {
    const approved = exposure.approvedConnections.length;
    return endpointConnections.flatMap((connection): Verdicts => {
      const { id, status, endpointId, description } = connection;
      if (status === 'unknown') return [{ subject: id, unknown: statusUnknown(connection) }];
      if (status !== 'rejected' && status !== 'disconnected') return [];
      return [
        {
          subject: id,
          summary: `A private endpoint connection is ${status} and carries nothing; ${approved} approved remain.`,
          evidence: { status, endpoint: endpointId, approvedConnections: approved },
          notes: { description: cutText(description) },
        },
      ];
    });
  },
  command: (_, { subject }) => (subject === undefined ? '' : deleteConnection(subject)),
});
