import { AzureError } from './azure-error.ts';
import { callerOf, localOperator, type Caller } from './caller.ts';
import { header, parameter, type Exchange } from './http.ts';
import { knownNamespace, resourceType } from './resource-types.ts';
import { matches, type Switches } from './switches.ts';
import type { Throttle } from './throttle.ts';
import type { Tokens } from './tokens.ts';

const audiences =
  /^https:\/\/management\.(core\.windows\.net|azure\.com|usgovcloudapi\.net|core\.usgovcloudapi\.net|chinacloudapi\.cn|core\.chinacloudapi\.cn)\/?$/;

/** Who calls; a write without a token is the local operator's. Throws Azure's 401 for everything else without one. */
export const authenticate = (exchange: Exchange, tokens: Tokens, tenantId: string, now: Date): Caller => {
  const authorization = header(exchange, 'authorization');
  const reads = exchange.method === 'GET' || exchange.method === 'HEAD';
  if (authorization === undefined && !reads) return localOperator(tenantId, now, exchange.remoteAddress);
  const claims = tokens.verify(authorization);
  const audience = typeof claims['aud'] === 'string' ? claims['aud'] : '';
  if (!audiences.test(audience))
    throw new AzureError(
      401,
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource '${audience}'.`,
      { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    );
  return callerOf(claims, exchange.remoteAddress);
};

/** Refuses a request without `api-version`, or with one that the type does not have, as Azure does. */
export const checkVersion = (exchange: Exchange, type: string): void => {
  const version = parameter(exchange, 'api-version');
  if (version === undefined || version === '')
    throw new AzureError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  const [namespace = '', ...rest] = type.split('/');
  const known = resourceType(type);
  if (!known && !knownNamespace(namespace))
    throw new AzureError(
      404,
      'InvalidResourceNamespace',
      `The resource namespace '${namespace}' is invalid.`,
    );
  if (!known)
    throw new AzureError(
      404,
      'InvalidResourceType',
      `The resource type '${rest.join('/')}' could not be found in the namespace '${namespace}' for api version '${version}'.`,
    );
  if (known.versions.includes(version)) return;
  throw new AzureError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location 'westeurope' and API version '${version}' for type '${rest.join('/')}'. The supported api-versions are '${known.versions.join(', ')}'.`,
  );
};

/** Azure's 403 that names the action and the scope. */
export const authorizationFailed = (caller: Caller, action: string, scope: string): AzureError =>
  new AzureError(
    403,
    'AuthorizationFailed',
    `The client '${caller.name}' with object id '${caller.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );

/** Takes one call from the caller's bucket; throws 429 when it is empty. The number of calls left. */
export const pace = (
  throttle: Throttle,
  kind: 'reads' | 'writes',
  subscriptionId: string,
  caller: Caller,
): number => {
  const verdict = throttle.management(kind, subscriptionId, caller.objectId);
  if (verdict.admitted) return verdict.remaining;
  throw new AzureError(
    429,
    'SubscriptionRequestsThrottled',
    `Number of '${kind}' requests for subscription '${subscriptionId}' actor '${caller.objectId}' exceeded. Please try again after '${verdict.retryAfter}' seconds after additional tokens are available.`,
    { headers: { 'retry-after': String(verdict.retryAfter) } },
  );
};

/** Tells whether the switches take away the access to a path or its subscription. */
export const isDenied = (
  switches: Switches,
  subscriptionId: string,
  readable: boolean,
  path: string,
): boolean =>
  !readable ||
  switches.unreadableSubscriptions.some((id) => id.toLowerCase() === subscriptionId.toLowerCase()) ||
  switches.denied.some((pattern) => matches(pattern, path));
