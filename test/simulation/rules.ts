import type { Rule } from '../../shared/model.ts';
import * as registry from '../../shared/rules/index.ts';

/** Rules of an exposure, of drift and of endpoints: enough to move every part of the lifecycle. */
const WATCHED = [
  'internet-reachable',
  'wide-public-range',
  'azure-services-allowed',
  'public-access-enabled',
  'public-access-beside-endpoint',
  'public-access-unknown',
  'latent-firewall-rules',
  'lockout-no-path',
  'exposure-widened',
  'public-access-switched-on',
  'last-endpoint-lost',
  'private-endpoint-missing',
  'endpoint-pending',
  'endpoint-rejected',
  'endpoint-orphaned',
  'endpoint-state-mismatch',
  'server-unreadable',
];
/** What the next release of the simulation has beside these, and what it has no more. */
const ADDED = 'firewall-rules-in-use';
const RETIRED = 'private-endpoint-missing';

/** Every rule that there is. */
export const CATALOGUE: readonly Rule[] = Object.values(registry);
export const RULES: readonly Rule[] = CATALOGUE.filter(({ id }) => WATCHED.includes(id));
export const NEXT_RULES: readonly Rule[] = CATALOGUE.filter(
  ({ id }) => id === ADDED || (WATCHED.includes(id) && id !== RETIRED),
);
