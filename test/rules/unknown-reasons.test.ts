import { expect, test } from 'vitest';
import { evaluate } from '../../shared/evaluate.ts';
import type { Facet, Rule } from '../../shared/model.ts';
import { serverPolicy } from '../../shared/policy.ts';
import * as registry from '../../shared/rules/index.ts';
import {
  AZURE,
  baseline,
  BODY,
  connection,
  context,
  endpoint,
  endpointId,
  exposure,
  type Given,
  server,
  snapshot,
  unreadable,
  value,
} from '../builders.ts';

const RULES: readonly Rule[] = Object.values(registry);
const FACETS: readonly Facet[] = [...BODY, 'firewallRules', 'virtualNetworkRules'];
const nameless = connection('b', 'Approved', { endpointId: null });

const STATES: readonly Given[] = [
  {},
  { pna: undefined },
  { pna: 'Disabled', fw: ['203.0.113.5', 'x', AZURE] },
  { fw: ['203.0.113.5', 'x', AZURE], pec: ['Approved', 'Allowed'], endpoints: [endpoint('pe-a')] },
  { family: 'MS', vnet: ['web'], pec: [nameless, 'Pending'] },
  { injected: true, pna: 'Enabled', pec: ['Approved'] },
  { replica: { sourceId: server('MF', 'main').id }, fw: ['x'] },
  { replica: { sourceId: null }, endpoints: [{ id: endpointId('pe-a'), is: 'denied' }], pec: ['Approved'] },
  { endpoints: [endpoint('pe-a', { provisioningState: 'Paused', location: '' })], pec: ['Approved'] },
];

test.each(RULES)('$id says what it does not know, and never stumbles over it', (rule) => {
  const reasons = STATES.flatMap((given) =>
    [[], ...FACETS.map((facet) => [facet]), FACETS].flatMap((denied) =>
      [value(baseline({ pec: ['Approved'] })), unreadable('not approved')].flatMap((known) => {
        const around = context({ baseline: known, source: value(exposure({ fw: ['x'] })) });
        return evaluate(snapshot({ ...given, denied }), around, [rule], serverPolicy('restricted'));
      }),
    ),
  ).flatMap((finding) => (finding.status === 'unknown' ? [finding.reason] : []));
  expect(reasons.filter((reason) => !/^[a-zA-Z]+: /.test(reason))).toEqual([]);
});
