import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { REACHES } from '../shared/exposure.ts';
import { familyOf } from '../shared/families/index.ts';
import { badRequest, json, notFound } from '../shared/http/answers.ts';
import { type Door, route } from '../shared/http/route.ts';
import { serverDetail } from '../shared/http/server-detail.ts';
import { isGuid, parseResourceId } from '../shared/resource-id.ts';
import { readInventory } from '../shared/state/inventory.ts';
import { serverView } from '../shared/views.ts';

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
  const value = states
    .map((state) => serverView(state, environment.policy))
    .filter((server) => reach === null || server.reach === reach)
    .filter((server) => subscription === undefined || server.subscriptionRef === subscription)
    .filter((server) => family === undefined || server.serverFamily === family)
    .sort((a, b) => (a.observedAt < b.observedAt ? 1 : -1));
  return json(200, { value });
}

async function one(path: string, door: Door): Promise<HttpResponseInit> {
  const resource = parseResourceId(`/${path.replace(/\/+$/, '')}`);
  if (!resource || !familyOf(resource.type)) {
    return badRequest('The route takes the resource id of a database server without its leading slash.');
  }
  const detail = await serverDetail(resource, door);
  if (!detail) return notFound('No such server in scope has been read yet.');
  return json(200, detail.body, { etag: detail.etag });
}

functions.http('servers', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'servers/{*resourceId}',
  handler: route(answerServers),
});
