import { describe, expect, test } from 'vitest';
import { type Baseline, baselineOf, type Drift, driftOf } from '../../shared/drift.ts';
import { AT, AZURE, baseline, connection, endpointId, exposure, type Given, network } from '../builders.ts';

const made = (given: Given): Baseline | undefined => baselineOf(network(given), exposure(given), AT);

describe('the baseline of a reading', () => {
  test.each<{ when: string; given: Given }>([
    { when: 'a facet that no path depends on could not be read', given: { denied: ['tier'] } },
    { when: 'the rules could not be read', given: { denied: ['firewallRules'] } },
    { when: 'the switch is absent', given: { pna: undefined } },
    { when: 'a rule cannot be interpreted', given: { fw: ['8.8.8.8', 'odd=x'] } },
    { when: 'a rule behind a closed switch cannot', given: { pna: 'Disabled', fw: ['odd=x'] } },
  ])('is none where $when', ({ given }) => {
    expect(made(given)).toBeUndefined();
  });

  test.each<{ when: string; given: Given; is: Partial<Baseline> }>([
    {
      when: 'an open server',
      given: { fw: ['8.8.8.8', AZURE] },
      is: {
        switch: 'enabled',
        subnetId: null,
        ranges: [{ first: 134_744_072, last: 134_744_072 }],
        azureServices: true,
        azureRule: true,
      },
    },
    {
      when: 'a closed one with rules',
      given: { pna: 'Disabled', fw: ['8.8.8.8', AZURE] },
      is: {
        switch: 'disabled',
        publicPath: 'closed',
        ranges: [],
        allRanges: [{ first: 134_744_072, last: 134_744_072 }],
        azureServices: false,
        azureRule: true,
      },
    },
    {
      when: 'an injected one',
      given: { pna: 'Disabled', injected: true },
      is: { subnetId: baseline({ injected: true }).subnetId, azureRule: false },
    },
  ])('of $when', ({ given, is }) => {
    expect(made(given)).toMatchObject({ ...is, observedAt: AT, approved: false });
  });
});

describe('before and after', () => {
  const nameless = (name: string) => connection(name, 'Approved', { endpointId: null });
  const NOTHING: Drift = {
    publicPathBefore: 'limited',
    publicPath: 'limited',
    addedRanges: [],
    removedRanges: [],
    addedAddresses: 0,
    removedAddresses: 0,
    azureServicesAdded: false,
    endpointsGained: [],
    endpointsLost: [],
  };

  test.each<{ when: string; before: Given; after: Given; drift: Partial<Drift> }>([
    { when: 'nothing', before: { fw: ['8.8.8.8'] }, after: { fw: ['8.8.8.8'] }, drift: {} },
    {
      when: 'ranges that came and went',
      before: { fw: ['8.8.8.0-8.8.8.9'] },
      after: { fw: ['8.8.8.4-8.8.8.11'] },
      drift: {
        addedRanges: ['8.8.8.10/31'],
        addedAddresses: 2,
        removedRanges: ['8.8.8.0/30'],
        removedAddresses: 4,
      },
    },
    {
      when: 'private addresses, which no public path admits',
      before: { fw: ['8.8.8.8', '10.0.0.0-10.0.0.9'] },
      after: { fw: ['8.8.8.8', '192.168.0.0-192.168.0.9'] },
      drift: {},
    },
    {
      when: 'all of Azure',
      before: { fw: ['8.8.8.8'] },
      after: { fw: ['8.8.8.8', AZURE] },
      drift: { publicPath: 'azure', azureServicesAdded: true },
    },
    {
      when: 'all of Azure, as before',
      before: { fw: [AZURE] },
      after: { fw: [AZURE] },
      drift: { publicPathBefore: 'azure', publicPath: 'azure' },
    },
    {
      when: 'rules that nobody may read',
      before: { fw: ['8.8.8.8'] },
      after: { denied: ['firewallRules'] },
      drift: {
        publicPath: 'unknown',
        addedRanges: null,
        removedRanges: null,
        addedAddresses: null,
        removedAddresses: null,
        azureServicesAdded: null,
      },
    },
    {
      when: 'endpoints that came and went',
      before: { fw: ['8.8.8.8'], pec: [connection('a'), connection('b')] },
      after: { fw: ['8.8.8.8'], pec: [connection('b'), connection('c')] },
      drift: { endpointsGained: [endpointId('pe-c')], endpointsLost: [endpointId('pe-a')] },
    },
    {
      when: 'an endpoint under another connection',
      before: { fw: ['8.8.8.8'], pec: [connection('a')] },
      after: { fw: ['8.8.8.8'], pec: [connection('new', 'Approved', { endpointId: endpointId('pe-a') })] },
      drift: {},
    },
    {
      when: 'connections that name no endpoint',
      before: { fw: ['8.8.8.8'], pec: [nameless('a'), nameless('b')] },
      after: { fw: ['8.8.8.8'], pec: [nameless('b'), nameless('c')] },
      drift: { endpointsGained: [nameless('c').id], endpointsLost: [nameless('a').id] },
    },
  ])('$when', ({ before, after, drift }) => {
    expect(driftOf(baseline(before), exposure(after))).toEqual({ ...NOTHING, ...drift });
  });
});
