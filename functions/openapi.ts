import { app as functions, type HttpResponseInit } from '@azure/functions';
import { json } from '../shared/http/answers.ts';
import { EVERY_METHOD, type Methods, route } from '../shared/http/route.ts';

export const methods: Methods = { GET: { role: 'Exposure.Read' } };

/** The OpenAPI 3.1 document of the HTTP routes. */
export async function answerOpenApi(): Promise<HttpResponseInit> {
  const { openApi } = await import('../shared/http/openapi.ts');
  return json(200, openApi());
}

functions.http('openapi', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'openapi.json',
  handler: route(methods, answerOpenApi),
});
