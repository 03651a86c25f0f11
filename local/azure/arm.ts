import { isItem, type Address } from './address.ts';
import { createChanges, type ArmParts } from './arm-changes.ts';
import { authenticate, authorizationFailed, checkVersion, isDenied, pace } from './arm-gate.ts';
import { listCollection, listEverywhere, readItem } from './arm-read.ts';
import { groupBody, subscriptionBody } from './arm-subscriptions.ts';
import { subscriptionType, targetOf, type Target } from './arm-target.ts';
import { notFound } from './arm-write.ts';
import { AzureError } from './azure-error.ts';
import type { Caller } from './caller.ts';
import { countPath } from './counters.ts';
import type { Subscription } from './estate.ts';
import { parameter, type Answer, type Exchange } from './http.ts';
import { page } from './paging.ts';
import { groupKey } from './store.ts';

const logType = 'Microsoft.Insights/eventtypes/values';

/** Azure Resource Manager: what it answers to any path under `/subscriptions`. */
export const createArm = (parts: ArmParts): ((exchange: Exchange) => Answer) => {
  const { resources, switches, counters } = parts;
  const { store } = resources;
  const change = createChanges(parts);

  const subscriptionOf = (caller: Caller, id: string, path: string, action: string): Subscription => {
    const found = store.subscriptions.get(id.toLowerCase());
    if (!found || found.state === 'Deleted')
      throw new AzureError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
    if (isDenied(switches, id, found.readable, path)) throw authorizationFailed(caller, action, path);
    return found;
  };

  const gate = (exchange: Exchange, caller: Caller, subscriptionId: string): number => {
    const kind = exchange.method === 'GET' ? 'reads' : 'writes';
    return switches.throttle ? pace(parts.throttle, kind, subscriptionId, caller) : 249;
  };

  const rootList = (exchange: Exchange): Answer => {
    checkVersion(exchange, subscriptionType);
    const visible = [...store.subscriptions.values()].filter(
      (item) =>
        item.state !== 'Deleted' &&
        !isDenied(switches, item.subscriptionId, item.readable, `/subscriptions/${item.subscriptionId}`),
    );
    return page(exchange, visible.map(subscriptionBody), switches.pageSize);
  };

  const read = (exchange: Exchange, address: Address): Answer => {
    if (address.steps.length === 0) {
      const group = store.groups.get(groupKey(address.subscriptionId, address.resourceGroup ?? ''));
      if (group) return { status: 200, body: groupBody(group) };
      throw notFound(resources, address);
    }
    if (isItem(address)) return readItem(resources, address);
    return address.steps.length === 1
      ? listEverywhere(exchange, resources, address, switches.pageSize)
      : listCollection(exchange, resources, address, switches.pageSize);
  };

  const readSubscription = (exchange: Exchange, target: Target, subscription: Subscription): Answer => {
    if (target.kind === 'subscription') return { status: 200, body: subscriptionBody(subscription) };
    const id = subscription.subscriptionId.toLowerCase();
    const own = [...store.groups.values()].filter((group) => group.subscriptionId.toLowerCase() === id);
    return page(exchange, own.map(groupBody), switches.pageSize);
  };

  const serve = (exchange: Exchange, caller: Caller, remaining: { calls: number }): Answer => {
    const target = targetOf(exchange);
    countPath(counters, exchange.method, target.type);
    checkVersion(exchange, target.type);
    if (target.kind === 'root') return rootList(exchange);
    const subscription = subscriptionOf(caller, target.subscriptionId, exchange.path, target.operation);
    remaining.calls = gate(exchange, caller, target.subscriptionId);
    if (target.kind !== 'resource') return readSubscription(exchange, target, subscription);
    if (target.type === logType) {
      const entries = parts.activityLog.query(target.subscriptionId, parameter(exchange, '$filter'));
      return page(exchange, entries, switches.pageSize);
    }
    return exchange.method === 'GET'
      ? read(exchange, target.address)
      : change(exchange, target.address, caller, subscription.tenantId);
  };

  return (exchange) => {
    counters.managementCalls += 1;
    const caller = authenticate(exchange, parts.tokens, parts.tenantId, parts.now());
    const remaining = { calls: 249 };
    const answer = serve(exchange, caller, remaining);
    const kind = exchange.method === 'GET' ? 'reads' : exchange.method === 'DELETE' ? 'deletes' : 'writes';
    return {
      ...answer,
      headers: {
        [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(remaining.calls),
        ...answer.headers,
      },
    };
  };
};
