import { endpointReading } from '../judging/connections.ts';
import { cutText } from '../judging/evidence.ts';
import { stateKey, UNFINISHED_STATES } from '../judging/first-seen.ts';
import type { Verdicts } from '../model.ts';
import { defineRule } from './define-rule.ts';

const MINUTE = 60_000;
const MAX_MINUTES = 60;

export const endpointProvisioningFailed = defineRule({
  id: 'endpoint-provisioning-failed',
  code: 'PE-010',
  title: 'Private endpoint is not provisioned',
  severity: 'Low',
  category: 'private-endpoint',
  subject: 'private endpoint',
  fix: 'Repair or recreate the private endpoint.',
  documentation: 'https://learn.microsoft.com/azure/private-link/troubleshoot-private-endpoint-connectivity',
  standards: [],
  needs: ['surroundings', 'firstSeen', 'observedAt'],
  check({ surroundings, firstSeen, observedAt }) {
    return Object.keys(surroundings.endpoints).flatMap((subject): Verdicts => {
      const endpoint = endpointReading(subject, surroundings);
      if (endpoint === 'gone') return [];
      if ('unknown' in endpoint) return [{ subject, unknown: endpoint.unknown }];
      const { provisioningState } = endpoint;
      const state = provisioningState.toLowerCase();
      if (state === 'succeeded') return [];
      if (!UNFINISHED_STATES.includes(state)) {
        return [{ subject, unknown: `endpoint: the state ${cutText(JSON.stringify(provisioningState))}` }];
      }
      const since = firstSeen[stateKey(subject, provisioningState)] ?? observedAt;
      const minutes = Math.floor((Date.parse(observedAt) - Date.parse(since)) / MINUTE);
      const failed = state === 'failed' || state === 'canceled';
      if (!failed && Date.parse(observedAt) - Date.parse(since) <= MAX_MINUTES * MINUTE) return [];
      return [
        {
          subject,
          summary: failed
            ? `The provisioning of a private endpoint ended as "${state}".`
            : `A private endpoint is "${state}" for more than ${MAX_MINUTES} minutes.`,
          evidence: { state },
          notes: { since, minutes },
        },
      ];
    });
  },
});
