import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { RULES } from '../shared/app.ts';
import { badRequest } from '../shared/http/answers.ts';
import { page, PAGING } from '../shared/http/page.ts';
import { EVERY_METHOD, type Door, type Methods, route } from '../shared/http/route.ts';
import { serverIdOf } from '../shared/http/server-detail.ts';
import { SEVERITIES } from '../shared/model.ts';
import { readInventory } from '../shared/state/inventory.ts';
import { rankOf } from '../shared/lifecycle/transitions.ts';
import { findingView } from '../shared/views.ts';

const STATES = ['open', 'resolved', 'all'];

export const methods: Methods = {
  GET: { role: 'Exposure.Read', query: ['state', 'severity', 'rule', 'server', ...PAGING] },
};

/** Findings, the gravest first; one that is about to resolve is open and has `resolvesAfter`. */
export async function answerFindings({ query }: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const wanted = query.get('state') ?? 'open';
  const severity = query.get('severity');
  const rule = query.get('rule');
  const server = query.get('server');
  if (!STATES.includes(wanted)) return badRequest(`state is one of ${STATES.join(', ')}.`);
  if (severity !== null && !(SEVERITIES as readonly string[]).includes(severity)) {
    return badRequest(`severity is one of ${SEVERITIES.join(', ')}.`);
  }
  if (rule !== null && !RULES.some(({ id }) => id === rule)) {
    return badRequest('rule is the id of a rule, such as internet-reachable.');
  }
  const serverId = server === null ? undefined : serverIdOf(server)?.id;
  if (server !== null && serverId === undefined) {
    return badRequest('server is the resource id of a database server.');
  }
  const { environment, ports } = door;
  const rules = new Map(environment.rules.map((item) => [item.id, item]));
  const states = await readInventory(ports.table, environment.scope, true);
  const items = states
    .filter((state) => serverId === undefined || state.server.id === serverId)
    .flatMap((state) => state.findings.map((record) => ({ record, state })))
    .filter(({ record }) => wanted === 'all' || (record.state === 'Resolved') === (wanted === 'resolved'))
    .filter(({ record }) => severity === null || record.severity === severity)
    .filter(({ record }) => rule === null || record.ruleId === rule)
    .map(({ record, state }) => ({
      view: findingView(record, state, rules),
      key: `${rankOf(record.severity)}|${record.findingId}`,
      movedAt: record.transitionAt,
    }));
  return page(items, query, 'findings');
}

functions.http('findings', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'findings',
  handler: route(methods, answerFindings),
});
