import { join } from 'node:path';
import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsFor, type Stack } from '../../local/stack.ts';
import { answerBaselines, methods as baselines } from '../../functions/baselines.ts';
import { answerFindings, methods as findings } from '../../functions/findings.ts';
import { answerHealth } from '../../functions/health.ts';
import { answerOpenApi, methods as openapi } from '../../functions/openapi.ts';
import { answerReport, methods as report } from '../../functions/report.ts';
import { answerScans, methods as scans } from '../../functions/scans.ts';
import { answerServers, methods as servers } from '../../functions/servers.ts';
import { type MakeValidator, type Methods, route, validatorOf } from '../../shared/http/route.ts';
import { readSettings } from '../../shared/settings.ts';
import { TransientError } from '../../shared/transient-error.ts';
import { headersOf } from './answer.ts';
import { ORDERS, startSmallStack, sweepOnce } from './small-stack.ts';
import { ALEX, AUDIENCE, OTHER_TENANT, validatorFor } from './tokens.ts';

// The routes of a deployed app: called in this process, where no local host opens them. The tenant of a deployment is
// asked at a fixed address; only a test can hand over the embedded Azure's.
let stack: Stack;
let makeValidator: MakeValidator;

beforeAll(async () => {
  stack = await startSmallStack();
  await sweepOnce(stack);
  const { azure, azurite, certificateFile } = stack;
  const policy = join(import.meta.dirname, '..', '..', 'policy.json');
  Object.assign(process.env, settingsFor(azure, azurite, certificateFile), { POLICY_FILE: policy });
  const validate = validatorFor(azure);
  makeValidator = () => validate;
});
afterAll(() => stack.close());

interface Call {
  readonly methods: Methods;
  readonly answer: Parameters<typeof route>[1];
  readonly method?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly query?: string;
}

interface Reply {
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly text: string;
}

async function reply(
  handler: HttpHandler,
  call: Omit<Call, 'methods' | 'answer'>,
  token?: string,
): Promise<Reply> {
  const request = new HttpRequest({
    method: call.method ?? 'GET',
    url: `http://localhost/api/route${call.query ?? ''}`,
    params: { ...call.params },
    headers: { ...call.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(call.body === undefined ? {} : { body: { string: call.body } }),
  });
  const answer = await handler(
    request,
    new InvocationContext({ invocationId: 'one', logHandler: () => undefined }),
  );
  if (typeof answer !== 'object' || !('status' in answer)) throw new Error('no answer');
  const headers = headersOf(answer);
  return { status: answer.status, headers, text: typeof answer.body === 'string' ? answer.body : '' };
}

const ask = (call: Call, token?: string): Promise<Reply> =>
  reply(route(call.methods, call.answer, makeValidator), call, token);

const mint = (...roles: string[]): string => stack.azure.mintToken({ aud: AUDIENCE, oid: ALEX, roles });

const ROUTES: readonly (Call & { readonly when: string; readonly role: string; readonly status: number })[] =
  [
    { when: 'servers', methods: servers, answer: answerServers, role: 'Exposure.Read', status: 200 },
    {
      when: 'one server',
      methods: servers,
      answer: answerServers,
      params: { resourceId: ORDERS.slice(1) },
      role: 'Exposure.Read',
      status: 200,
    },
    { when: 'findings', methods: findings, answer: answerFindings, role: 'Exposure.Read', status: 200 },
    { when: 'the report', methods: report, answer: answerReport, role: 'Exposure.Read', status: 200 },
    { when: 'the document', methods: openapi, answer: answerOpenApi, role: 'Exposure.Read', status: 200 },
    {
      when: 'a scan',
      methods: scans,
      answer: answerScans,
      params: { scanId: 'x' },
      role: 'Exposure.Read',
      status: 404,
    },
    {
      when: 'a new scan',
      methods: scans,
      answer: answerScans,
      method: 'POST',
      body: JSON.stringify({ resourceIds: [ORDERS] }),
      role: 'Exposure.Scan',
      status: 202,
    },
    {
      when: 'a baseline',
      methods: baselines,
      answer: answerBaselines,
      method: 'PUT',
      params: { resourceId: ORDERS.slice(1) },
      role: 'Exposure.Approve',
      status: 428,
    },
  ];
const ALL = ['Exposure.Read', 'Exposure.Scan', 'Exposure.Approve'];

describe('behind the token check', () => {
  test.each(ROUTES)('$when: $role alone opens it', async ({ role, status, ...call }) => {
    expect((await ask(call, mint(role))).status).toBe(status);
    const others = mint(...ALL.filter((other) => other !== role));
    const refused = await ask(call, others);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toMatchObject({ detail: `The token does not have the role ${role}.` });
  });

  test.each(ROUTES)('$when: 401 without a word about why', async (call) => {
    const { azure } = stack;
    const tokens = [
      undefined,
      'garbage',
      azure.mintToken({ aud: AUDIENCE, roles: ALL, expiresIn: -60 }),
      azure.mintToken({ aud: AUDIENCE, roles: ALL, tid: OTHER_TENANT }),
      azure.mintToken({ aud: 'https://management.azure.com', roles: ALL }),
    ];
    for (const token of tokens) {
      // A parameter that nobody knows: who has no token learns nothing of the route either.
      const { status, headers, text } = await ask({ ...call, query: '?nothing=1' }, token);
      expect([status, headers.get('www-authenticate'), headers.get('content-type')]).toEqual([
        401,
        'Bearer',
        'application/problem+json; charset=utf-8',
      ]);
      expect(JSON.parse(text)).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401 });
    }
  });

  test.each(ROUTES)('$when: closed where no tenant is set up, whatever the token', async (call) => {
    const { status, text } = await reply(route(call.methods, call.answer), call, mint(...ALL));
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({
      detail:
        'The HTTP routes of this deployment are closed until HTTP_TENANT_ID and HTTP_AUDIENCE name whose tokens they accept.',
    });
  });

  test('a method that a route does not take', async () => {
    const call = { methods: servers, answer: answerServers, method: 'PUT' };
    const { status, headers, text } = await ask(call, mint(...ALL));
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(JSON.parse(text)).toMatchObject({
      detail: 'The route does not take this method; it takes GET, HEAD.',
    });
  });
});

test('who approves is the caller of the token', async () => {
  const server = { methods: servers, answer: answerServers, params: { resourceId: ORDERS.slice(1) } };
  const etag = (await ask(server, mint('Exposure.Read'))).headers.get('etag') ?? '';
  const call = {
    methods: baselines,
    answer: answerBaselines,
    method: 'PUT',
    params: { resourceId: ORDERS.slice(1) },
    headers: { 'if-match': etag },
    body: JSON.stringify({ reason: 'Office' }),
  };
  const { status, text } = await ask(call, mint('Exposure.Approve'));
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ approved: true, approvedBy: ALEX, reason: 'Office' });
});

describe('health', () => {
  const health = (token?: string, make = makeValidator, query = ''): Promise<Reply> =>
    reply((request, context) => answerHealth(request, context, make), { query }, token);

  test('with the role: the body', async () => {
    const { status, text } = await health(mint('Exposure.Read'));
    expect(JSON.parse(text)).toMatchObject({ status: 'ok', reasons: [] });
    expect(status).toBe(200);
  });

  test.each([
    { when: 'no token', token: () => undefined },
    { when: 'garbage', token: () => 'garbage' },
    { when: 'another role', token: () => mint('Exposure.Scan') },
    { when: 'no tenant set up', token: () => mint(...ALL), make: () => undefined },
  ])('$when: the status code only', async ({ token, make }) => {
    const { status, text, headers } = await health(token(), make);
    expect([status, text, headers.get('content-type')]).toEqual([200, '', null]);
  });
});

test('what goes wrong inside is told by the name of its invocation only', async () => {
  const secret = 'AccountKey=c2VjcmV0';
  const failing = () => Promise.reject(new Error(secret));
  const { status, text } = await ask({ methods: openapi, answer: failing }, mint('Exposure.Read'));
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ title: 'Internal error', instance: 'urn:uuid:one' });
  expect(text).not.toContain(secret);
});

test('what may succeed later says when', async () => {
  const later = () => Promise.reject(new TransientError('a newer version of the app wrote the state', 300));
  const { status, headers, text } = await ask({ methods: openapi, answer: later }, mint('Exposure.Read'));
  expect([status, headers.get('retry-after')]).toEqual([503, '300']);
  expect(JSON.parse(text)).toMatchObject({
    title: 'Unavailable',
    detail: 'Try again later: a newer version of the app wrote the state.',
  });
});

describe('the check of a deployment', () => {
  const env = (more: Record<string, string>) =>
    readSettings({ ...settingsFor(stack.azure, stack.azurite, stack.certificateFile), ...more });

  test('there is none without the two settings', () => {
    expect(validatorOf(env({}))).toBeUndefined();
  });

  test.each([
    { cloud: 'AzurePublicCloud', authority: 'https://login.microsoftonline.com' },
    { cloud: 'AzureUSGovernment', authority: 'https://login.microsoftonline.us' },
    { cloud: 'AzureChinaCloud', authority: 'https://login.chinacloudapi.cn' },
  ])('asks the fixed authority of $cloud, wherever ARM is', async ({ cloud, authority }) => {
    const settings = env({ AZURE_CLOUD: cloud, HTTP_TENANT_ID: OTHER_TENANT, HTTP_AUDIENCE: AUDIENCE });
    expect(settings.resourceManager).toBe(stack.azure.url);
    expect(settings.cloud.authority).toBe(authority);
    const validate = validatorOf(settings);
    expect(validate).toBe(validatorOf(settings));
    expect(await validate?.('Bearer garbage')).toBe('refused');
  });
});
