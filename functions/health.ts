import {
  app as functions,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import { app, settingsProblem } from '../shared/app.ts';
import { type Health, healthOf } from '../shared/health.ts';
import { admit } from '../shared/http/admission.ts';
import { json, NO_STORE } from '../shared/http/answers.ts';
import { unknownQuery } from '../shared/http/query.ts';
import {
  accessOf,
  EVERY_METHOD,
  gateOf,
  type MakeValidator,
  methodNotAllowed,
  type Methods,
  validatorOf,
} from '../shared/http/route.ts';
import { logTo } from '../shared/log.ts';

export const methods: Methods = { GET: { role: 'Exposure.Read' } };

const startedAt = new Date().toISOString();
/** Whoever asks without a token gets an answer of this age: asking often costs nothing. */
const ANONYMOUS_MS = 5_000;

type Answer = Pick<Health, 'status' | 'reasons'>;

let recent: { readonly at: number; readonly answer: Promise<Answer> } | undefined;

/**
 * 200 or 503; the reasons only for those with a token and the role Exposure.Read. A wrong setting is told to everyone: no
 * token can be checked then, and nothing else tells it over HTTP.
 */
export async function answerHealth(
  request: HttpRequest,
  context: InvocationContext,
  makeValidator: MakeValidator = validatorOf,
): Promise<HttpResponseInit> {
  if (!accessOf(request, methods)) return methodNotAllowed(methods);
  const wrong = settingsProblem();
  if (wrong !== undefined) return json(503, { status: 'unhealthy', reasons: [wrong] });
  const unknown = unknownQuery(request, []);
  if (unknown) return unknown;
  const gate = gateOf(app().settings, makeValidator);
  const admission = await admit(request.headers.get('authorization'), 'Exposure.Read', gate);
  if ('caller' in admission) {
    const health = await readHealth(context);
    return json(statusOf(health), health);
  }
  const now = Date.now();
  if (!recent || now - recent.at > ANONYMOUS_MS) recent = { at: now, answer: readHealth(context) };
  return { status: statusOf(await recent.answer), headers: NO_STORE };
}

async function readHealth(context: InvocationContext): Promise<Answer> {
  try {
    const { settings, ports: portsFor, environment } = app();
    const ports = portsFor(logTo(context));
    return await healthOf(settings, await environment(ports), ports, startedAt);
  } catch (error) {
    context.error(
      JSON.stringify({ message: 'health failed', kind: error instanceof Error ? error.name : '' }),
    );
    return { status: 'unhealthy', reasons: ['The state table could not be read.'] };
  }
}

function statusOf({ status }: Answer): number {
  return status === 'ok' ? 200 : 503;
}

functions.http('health', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'health',
  handler: (request, context) => answerHealth(request, context),
});
