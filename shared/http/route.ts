import type { HttpHandler, HttpMethod, HttpRequest, HttpResponseInit } from '@azure/functions';
import { app, isLocalLoopback } from '../app.ts';
import type { Environment } from '../environment.ts';
import { logTo } from '../log.ts';
import type { Ports } from '../ports.ts';
import { type Settings, SettingsError } from '../settings.ts';
import { TransientError } from '../transient-error.ts';
import { admit, type Gate } from './admission.ts';
import { problem } from './answers.ts';
import { unknownQuery } from './query.ts';
import { type Caller, type Role, tokenValidator, type Validate } from './token.ts';

/** What a route works with. */
export interface Door {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly ports: Ports;
  readonly caller: Caller;
}

type Route = (request: HttpRequest, door: Door) => Promise<HttpResponseInit>;

/** What a method of a route asks for. */
export interface Access {
  readonly role: Role;
  /** The query parameters of a list; the route of one item knows none. */
  readonly query?: readonly string[];
}

export type Methods = Partial<Record<'GET' | 'POST' | 'PUT', Access>>;

/** What every route registers: the Functions host answers other methods with a bare 404, we say what the route takes. */
export const EVERY_METHOD: HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** What the method of a request asks for: HEAD the same as GET, whose body the host leaves out. */
export function accessOf({ method }: Pick<HttpRequest, 'method'>, methods: Methods): Access | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return Object.entries(methods).find(([name]) => name === wanted)?.[1];
}

/** 405 with the methods that the route takes. */
export function methodNotAllowed(methods: Methods): HttpResponseInit {
  const allow = Object.keys(methods)
    .flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]))
    .join(', ');
  const detail = `The route does not take this method; it takes ${allow}.`;
  return problem(405, 'Method not allowed', detail, { allow });
}

/** Makes the check of tokens of a deployment; undefined where its settings name no tenant. */
export type MakeValidator = (settings: Settings) => Validate | undefined;

const validators = new WeakMap<Settings, Validate>();

/** The check of the settings' tenant by the keys of its cloud's fixed authority; one a process, so that keys are kept. */
export function validatorOf(settings: Settings): Validate | undefined {
  const { http, cloud } = settings;
  if (!http) return undefined;
  const made = validators.get(settings) ?? tokenValidator({ ...http, authority: cloud.authority });
  validators.set(settings, made);
  return made;
}

/** Open in the local host on loopback, else by tokens. */
export function gateOf(settings: Settings, makeValidator: MakeValidator = validatorOf): Gate {
  return isLocalLoopback() ? 'open' : makeValidator(settings);
}

/** A route behind the token check; every error of ours is a problem, none an empty 500. */
export function route(
  methods: Methods,
  answer: Route,
  makeValidator: MakeValidator = validatorOf,
): HttpHandler {
  return async (request, context) => {
    try {
      const access = accessOf(request, methods);
      if (!access) return methodNotAllowed(methods);
      const { settings, ports: portsFor, environment } = app();
      const authorization = request.headers.get('authorization');
      const admission = await admit(authorization, access.role, gateOf(settings, makeValidator));
      if ('refused' in admission) return admission.refused;
      const isList = Object.values(request.params).every((value) => !value);
      const wrong = unknownQuery(request, isList ? (access.query ?? []) : []);
      if (wrong) return wrong;
      const ports = portsFor(logTo(context));
      const { caller } = admission;
      return await answer(request, { settings, ports, caller, environment: await environment(ports) });
    } catch (error) {
      if (error instanceof SettingsError) return problem(503, 'Not configured', error.message);
      if (error instanceof TransientError) {
        const seconds = String(error.retryAfterSeconds ?? 30);
        return problem(503, 'Unavailable', `Try again later: ${error.message}.`, { 'retry-after': seconds });
      }
      context.error(
        JSON.stringify({ message: 'a route failed', kind: error instanceof Error ? error.name : '' }),
      );
      const detail = 'The request failed; the log of the invocation that this answer names says more.';
      return problem(500, 'Internal error', detail, {}, `urn:uuid:${context.invocationId}`);
    }
  };
}
