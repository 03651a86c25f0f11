import { AzureError } from './azure-error.ts';
import { header, parameter, type Answer, type Exchange } from './http.ts';
import { managedIdentity, type Tokens } from './tokens.ts';
import type { Switches } from './switches.ts';

export interface Identity {
  /** The plain http endpoint that IDENTITY_ENDPOINT names. */
  managed: (exchange: Exchange) => Answer;
  /** The token, metadata and key routes of Entra; undefined for any other path. */
  entra: (exchange: Exchange) => Answer | undefined;
}

const form = (exchange: Exchange): URLSearchParams => new URLSearchParams(exchange.body.toString());

const badRequest = (error: string, description: string): Answer => ({
  status: 400,
  body: { error, error_description: description },
});

/** The managed identity endpoint of App Service (api-version 2019-08-01) and the routes of Entra. */
export const createIdentity = (parts: {
  readonly tokens: Tokens;
  readonly tenantId: string;
  readonly now: () => Date;
  readonly switches: Switches;
}): Identity => {
  const { tokens, switches } = parts;

  const issue = (exchange: Exchange, tenantId: string): Answer => {
    const body = form(exchange);
    const resource = (body.get('scope') ?? '').split(' ')[0]?.replace(/\/\.default$/, '') ?? '';
    const client = body.get('client_id');
    if (resource === '') return badRequest('invalid_scope', 'AADSTS70011: The scope is missing.');
    if (client === null) return badRequest('invalid_request', 'AADSTS900144: client_id is missing.');
    const expiresIn = Math.min(3600, switches.tokenLifetimeSeconds);
    const token = tokens.mint({
      aud: resource,
      appid: client,
      tid: tenantId,
      expiresIn,
      claims: { idtyp: 'app', appidacr: '1' },
    });
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token },
    };
  };

  return {
    managed: (exchange) => {
      if (exchange.path !== '/msi/token') throw new AzureError(404, 'NotFound', 'No such endpoint.');
      if (header(exchange, 'x-identity-header') === undefined)
        throw new AzureError(401, 'Unauthorized', 'The header x-identity-header is missing.');
      const resource = parameter(exchange, 'resource');
      if (resource === undefined || parameter(exchange, 'api-version') !== '2019-08-01')
        throw new AzureError(400, 'BadRequest', 'resource and api-version=2019-08-01 are required.');
      const expiresIn = switches.tokenLifetimeSeconds;
      const token = tokens.mint({
        aud: resource,
        appid: parameter(exchange, 'client_id') ?? managedIdentity.appid,
        expiresIn,
        claims: { idtyp: 'app', appidacr: '2' },
      });
      const expires = Math.floor(parts.now().getTime() / 1000) + expiresIn;
      return {
        status: 200,
        body: { access_token: token, expires_on: String(expires), resource, token_type: 'Bearer' },
      };
    },
    entra: (exchange) => {
      const base = `https://${header(exchange, 'host') ?? 'localhost'}`;
      const [, tenant = '', ...rest] = exchange.path.split('/');
      const tenantId = /^[0-9a-f-]{36}$/i.test(tenant) ? tenant : parts.tenantId;
      const route = rest.join('/').toLowerCase();
      if (route === 'oauth2/v2.0/token' && exchange.method === 'POST') return issue(exchange, tenantId);
      if (route === 'discovery/v2.0/keys') return { status: 200, body: tokens.keys };
      if (route === 'discovery/instance')
        return {
          status: 200,
          body: {
            tenant_discovery_endpoint: `${base}/${tenantId}/v2.0/.well-known/openid-configuration`,
            'api-version': '1.1',
            metadata: [
              {
                preferred_network: base.slice(8),
                preferred_cache: base.slice(8),
                aliases: [base.slice(8)],
              },
            ],
          },
        };
      if (route !== 'v2.0/.well-known/openid-configuration') return undefined;
      return {
        status: 200,
        body: {
          issuer: `${base}/${tenantId}/v2.0`,
          token_endpoint: `${base}/${tenantId}/oauth2/v2.0/token`,
          authorization_endpoint: `${base}/${tenantId}/oauth2/v2.0/authorize`,
          jwks_uri: `${base}/${tenantId}/discovery/v2.0/keys`,
          response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
          id_token_signing_alg_values_supported: ['RS256'],
          subject_types_supported: ['pairwise'],
          scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        },
      };
    },
  };
};
