import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { badRequest, notFound, problem } from '../shared/http/answers.ts';
import { approveBaseline } from '../shared/http/approve-baseline.ts';
import { readJson } from '../shared/http/body.ts';
import { BaselineBody } from '../shared/http/bodies.ts';
import { EVERY_METHOD, type Door, type Methods, route } from '../shared/http/route.ts';
import { serverIdOf } from '../shared/http/server-detail.ts';

export const methods: Methods = { PUT: { role: 'Exposure.Approve' } };

/** Approves exactly the exposure that the caller saw, as the ETag of `GET /api/servers/{id}` names it. */
export async function answerBaselines(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const resource = serverIdOf(request.params.resourceId ?? '');
  if (!resource) {
    return badRequest('The route takes the resource id of a database server without its leading slash.');
  }
  if (!door.environment.scope.includes(resource.subscription)) {
    return notFound('No such server in scope, or it was not read yet.');
  }
  const ifMatch = request.headers.get('if-match');
  if (ifMatch === null || ifMatch.trim() === '*') {
    const detail = 'Send the ETag of GET /api/servers/{id} as If-Match: it names the exposure that you saw.';
    return problem(428, 'Precondition required', detail);
  }
  const body = await readJson(request);
  if ('refused' in body) return body.refused;
  const parsed = BaselineBody.safeParse(body.value);
  if (!parsed.success) {
    return badRequest('The body is {"reason": "..."}: why this exposure is right, in 1 to 500 characters.');
  }
  return approveBaseline(resource, ifMatch, parsed.data.reason, door);
}

functions.http('baselines', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'baselines/{*resourceId}',
  handler: route(methods, answerBaselines),
});
