import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { app, isLocalLoopback } from '../app.ts';
import type { Environment } from '../environment.ts';
import { logTo } from '../log.ts';
import type { Ports } from '../ports.ts';
import { type Settings, SettingsError } from '../settings.ts';
import { problem } from './answers.ts';

/** What a route works with. */
export interface Door {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly ports: Ports;
}

type Route = (request: HttpRequest, door: Door) => Promise<HttpResponseInit>;

/** A route behind the token check; every error of ours is a problem, none an empty 500. */
export function route(answer: Route): HttpHandler {
  return async (request, context) => {
    try {
      const { settings, ports: portsFor, environment } = app();
      const closed = refusal();
      if (closed) return closed;
      const ports = portsFor(logTo(context));
      return await answer(request, { settings, ports, environment: await environment(ports) });
    } catch (error) {
      if (error instanceof SettingsError) return problem(503, 'Not configured', error.message);
      context.error(
        JSON.stringify({ message: 'a route failed', kind: error instanceof Error ? error.name : '' }),
      );
      return problem(500, 'Internal error', 'The request failed; the log of this invocation says more.');
    }
  };
}

function refusal(): HttpResponseInit | undefined {
  if (isLocalLoopback()) return undefined;
  return problem(403, 'Closed', 'The HTTP routes of this deployment are closed.');
}
