import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { REACHES } from '../shared/exposure.ts';
import { familyOf } from '../shared/families/index.ts';
import { badRequest, json, notFound } from '../shared/http/answers.ts';
import { type Item, page, PAGING } from '../shared/http/page.ts';
import { EVERY_METHOD, type Door, type Methods, route } from '../shared/http/route.ts';
import { serverDetail, serverIdOf } from '../shared/http/server-detail.ts';
import type { ServerView } from '../shared/report/report-data.ts';
import { isGuid } from '../shared/resource-id.ts';
import { instant } from '../shared/seconds.ts';
import { readInventory } from '../shared/state/inventory.ts';
import { serverView } from '../shared/views.ts';

export const methods: Methods = {
  GET: { role: 'Exposure.Read', query: ['reach', 'subscription', 'family', ...PAGING] },
};

/** The servers with their exposure, newest reading first; or one with its readings, findings and changes. */
export async function answerServers(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const { resourceId } = request.params;
  return resourceId ? one(resourceId, door) : list(request, door);
}

async function list({ query }: HttpRequest, { environment, ports }: Door): Promise<HttpResponseInit> {
  const reach = query.get('reach');
  const subscription = query.get('subscription')?.toLowerCase();
  const family = query.get('family')?.toLowerCase();
  if (reach !== null && !(REACHES as readonly string[]).includes(reach)) {
    return badRequest(`reach is one of ${REACHES.join(', ')}.`);
  }
  if (subscription !== undefined && !isGuid(subscription))
    return badRequest('subscription is a subscription id.');
  if (family !== undefined && !familyOf(family)) {
    return badRequest('family is a resource type, such as microsoft.dbformysql/flexibleservers.');
  }
  const states = await readInventory(ports.table, environment.scope);
  const items = states
    .map((state) => serverView(state, environment.policy))
    .filter((server) => reach === null || server.reach === reach)
    .filter((server) => subscription === undefined || server.subscriptionRef === subscription)
    .filter((server) => family === undefined || server.serverFamily === family)
    .map(itemOf);
  return page(items, query, 'servers');
}

const END_OF_TIME = 8_640_000_000_000_000;

/** The newest reading has the smallest key. */
function itemOf(view: ServerView): Item<ServerView> {
  const age = String(END_OF_TIME - instant(view.observedAt)).padStart(16, '0');
  return { view, key: `${age}|${view.serverId}`, movedAt: view.observedAt };
}

async function one(path: string, door: Door): Promise<HttpResponseInit> {
  const resource = serverIdOf(path);
  if (!resource) {
    return badRequest('The route takes the resource id of a database server without its leading slash.');
  }
  const detail = await serverDetail(resource, door);
  if (!detail) return notFound('No such server in scope, or it was not read yet.');
  return json(200, detail.body, { etag: detail.etag });
}

functions.http('servers', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'servers/{*resourceId}',
  handler: route(methods, answerServers),
});
