import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { badRequest, json } from '../shared/http/answers.ts';
import { type Door, route } from '../shared/http/route.ts';
import { SEVERITIES } from '../shared/model.ts';
import { parseResourceId } from '../shared/resource-id.ts';
import { readInventory } from '../shared/state/inventory.ts';
import { rankOf } from '../shared/transitions.ts';
import { findingView } from '../shared/views.ts';

const STATES = ['open', 'resolved', 'all'];

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
  const { environment, ports } = door;
  const rules = new Map(environment.rules.map((item) => [item.id, item]));
  if (rule !== null && !rules.has(rule)) return badRequest('rule is the id of a rule that is switched on.');
  const serverId = server === null ? undefined : parseResourceId(`/${server.replace(/^\/+/, '')}`)?.id;
  if (server !== null && serverId === undefined) return badRequest('server is a resource id.');
  const states = await readInventory(ports.table, environment.scope, true);
  const value = states
    .filter((state) => serverId === undefined || state.server.id === serverId)
    .flatMap((state) => state.findings.map((record) => findingView(record, state, rules)))
    .filter(({ state }) => wanted === 'all' || (state === 'Resolved') === (wanted === 'resolved'))
    .filter((finding) => severity === null || finding.severity === severity)
    .filter((finding) => rule === null || finding.ruleId === rule)
    .sort((a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.findingId < b.findingId ? -1 : 1));
  return json(200, { value });
}

functions.http('findings', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'findings',
  handler: route(answerFindings),
});
