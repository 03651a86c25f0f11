import {
  app as functions,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import { app, isLocalLoopback, settingsProblem } from '../shared/app.ts';
import { json } from '../shared/http/answers.ts';
import { healthOf } from '../shared/health.ts';
import { logTo } from '../shared/log.ts';

const startedAt = new Date().toISOString();

/** 200 or 503; the reasons only where the caller may know them. */
export async function answerHealth(
  _request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const wrong = settingsProblem();
  if (wrong !== undefined) return answer(503, { status: 'unhealthy', reasons: [wrong] });
  try {
    const { settings, ports: portsFor, environment } = app();
    const ports = portsFor(logTo(context));
    const health = await healthOf(settings, await environment(ports), ports, startedAt);
    return answer(health.status === 'ok' ? 200 : 503, health);
  } catch (error) {
    context.error(
      JSON.stringify({ message: 'health failed', kind: error instanceof Error ? error.name : '' }),
    );
    return answer(503, { status: 'unhealthy', reasons: ['The state table could not be read.'] });
  }
}

function answer(status: number, body: unknown): HttpResponseInit {
  return isLocalLoopback() ? json(status, body) : { status };
}

functions.http('health', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'health',
  handler: answerHealth,
});
