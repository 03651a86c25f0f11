import { typeOf, type Address } from './address.ts';
import { AzureError } from './azure-error.ts';
import { listAt, recordAt, textAt, withProperties, without, type Json } from './json.ts';
import type { Resources } from './resources.ts';
import { shapeOf } from './shapes.ts';
import type { Cause } from './store.ts';

type Action = (resources: Resources, server: Address, body: Json, cause: Cause) => { readonly body?: Json };

const setProperties = (resources: Resources, server: Address, properties: Json, cause: Cause): void => {
  resources.write(server, withProperties(resources.read(server) ?? {}, properties), cause);
};

const setState =
  (state: string): Action =>
  (resources, server, _body, cause) => {
    setProperties(resources, server, { state }, cause);
    return {};
  };

const configurationsOf = (server: Address, name: string | undefined): Address => ({
  ...server,
  steps: [...server.steps, { namespace: undefined, type: 'configurations', name }],
});

const updateConfigurations: Action = (resources, server, body, cause) => {
  const type = `${typeOf(server)}/configurations`.toLowerCase();
  for (const item of listAt(body, 'value')) {
    const name = textAt(item, 'name');
    if (name === undefined)
      throw new AzureError(400, 'InvalidParameterValue', 'A configuration has no name.');
    const address = configurationsOf(server, name);
    const stored = resources.read(address);
    const given = { properties: { ...recordAt(item, 'properties'), ...without(item, 'name', 'properties') } };
    resources.write(address, shapeOf(type, name, '', given, stored), cause);
  }
  return { body: { value: resources.list(configurationsOf(server, undefined)) ?? [] } };
};

const detachVNet: Action = (resources, server, body, cause) => {
  const network = recordAt(resources.read(server), 'properties', 'network');
  if (textAt(network, 'delegatedSubnetResourceId') === undefined)
    throw new AzureError(400, 'ServerNotInVNet', 'The server is not in a virtual network.');
  const publicNetworkAccess = textAt(body, 'publicNetworkAccess') ?? 'Disabled';
  const left = without(
    network,
    'delegatedSubnetResourceId',
    'privateDnsZoneResourceId',
    'privateDnsZoneArmResourceId',
  );
  setProperties(resources, server, { network: { ...left, publicNetworkAccess } }, cause);
  return {};
};

const actions = new Map<string, Action>([
  ['updateconfigurations', updateConfigurations],
  ['detachvnet', detachVNet],
  ['start', setState('Ready')],
  ['stop', setState('Stopped')],
  ['restart', setState('Ready')],
  ['failover', setState('Ready')],
]);

/** The action of a server by its name in any casing. */
export const findAction = (name: string): Action | undefined => actions.get(name.toLowerCase());
