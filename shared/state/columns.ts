import { rulesHashOf } from '../families/fingerprint.ts';
import { calmUntil } from '../lifecycle/renewal.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import type { Readings } from '../model.ts';
import type { Row } from '../ports.ts';

/** What a sweep reads of every state without its text. */
export function columnsOf(state: ServerState): Row['columns'] {
  const { network } = state;
  const rules = network.firewallRules;
  return {
    serverId: state.server.id,
    bodyHash: state.bodyHash,
    readAt: state.observedAt,
    rulesAt: rules && 'value' in rules ? rules.at : '',
    closed: isClosed(network) ? 'yes' : '',
    deletedAt: state.deletedAt ?? '',
    open: String(state.findings.filter(({ state: lifecycle }) => lifecycle !== 'Resolved').length),
    ...quietColumns(state),
  };
}

/** Under which circumstances, and until when, a reading that finds the same rules has nothing to say. */
function quietColumns(state: ServerState): Row['columns'] {
  const rulesHash = rulesHashOf(state.network);
  const until = state.steady && state.nextLookAt === null ? calmUntil(state) : undefined;
  if (until === undefined || rulesHash === undefined || state.judgedUnder === '') return {};
  return { quietUnder: state.judgedUnder, quietUntil: until, rulesHash };
}

/** Nobody comes in by the public path, so that its rules do nothing. */
export function isClosed({ publicAccess, delegatedSubnetId }: Readings): boolean {
  if (publicAccess && 'value' in publicAccess && publicAccess.value.switch === 'disabled') return true;
  return delegatedSubnetId !== undefined && 'value' in delegatedSubnetId && delegatedSubnetId.value !== null;
}
