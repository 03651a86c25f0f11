import { validate } from '@hyperjump/json-schema/openapi-3-1';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadApp } from '../../local/host/load-app.ts';
import { matchRoute, parseRoute, type Route } from '../../local/host/routes.ts';
import type { Stack } from '../../local/stack.ts';
import { checkSchema } from '../http/check-schema.ts';
import {
  addRule,
  call,
  eventually,
  LEDGER,
  openRules,
  ORDERS,
  put,
  type Reply,
  scanNow,
  serverPath,
  startSmallStack,
  sweepOnce,
} from '../http/small-stack.ts';

type Json = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Json;
}

interface Operation {
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: Json }>> }>
  >;
}

interface Document extends Json {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const FUNCTIONS = [
  'assess',
  'baselines',
  'findings',
  'health',
  'onResourceChange',
  'openapi',
  'publishPending',
  'report',
  'reportFailedAssessment',
  'scans',
  'servers',
  'sweep',
];

let stack: Stack;
let document: Document;
let registered: Awaited<ReturnType<typeof loadApp>>['functions'];

beforeAll(async () => {
  stack = await startSmallStack();
  await sweepOnce(stack);
  document = (await call(stack.url, '/api/openapi.json')).body as unknown as Document;
  const entry = join(import.meta.dirname, '..', '..', 'functions', 'index.ts');
  registered = (await loadApp(entry, () => undefined)).functions;
});
afterAll(() => stack.close());

/** The routes that the functions register, as the Functions host serves them. */
function routes(): readonly Route[] {
  return [...registered].flatMap(([name, { metadata }]) =>
    Object.values(metadata.bindings).flatMap((binding) => {
      const { type, route, methods } = binding as { type: string; route?: string; methods?: string[] };
      if (type.toLowerCase() !== 'httptrigger') return [];
      return [parseRoute(name, 'api', route ?? name, methods ?? [])];
    }),
  );
}

const operations = (): readonly { path: string; method: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

/** A path of the document with something in the place of its parameters. */
const example = (path: string): string =>
  path.replace('{resourceId}', ORDERS.slice(1)).replace('{scanId}', '20260520T120000000Z-00000000');

test('the app registers exactly these functions', () => {
  expect([...registered.keys()].sort()).toEqual(FUNCTIONS);
});

describe('the document', () => {
  test('is OpenAPI 3.1, by the schema of OpenAPI and of its JSON Schemas', async () => {
    const check = await validate('https://spec.openapis.org/oas/3.1/schema-base');
    const errors = (value: unknown): readonly string[] => {
      const output = check(value as Parameters<typeof check>[0], { outputFormat: 'BASIC' });
      return output.valid ? [] : (output.errors ?? []).map(({ instanceLocation }) => instanceLocation);
    };
    expect(errors(document)).toStrictEqual([]);
    expect(operations().length).toBeGreaterThan(0);
    // It looks into the schemas too.
    const schemas = { Wrong: { type: 'text' } };
    expect(errors({ ...document, components: { schemas } })).toContain('#/components/schemas/Wrong/type');
  });

  test('has every route, and none that no function serves', () => {
    const documented = operations().map(({ path, method }) => matchRoute(routes(), method, example(path)));
    const served = routes().map(({ functionName }) => functionName);
    expect(new Set(documented.map((match) => match?.functionName))).toEqual(new Set(served));
  });

  test('names in each path the parameters that the path has', () => {
    for (const { path, operation } of operations()) {
      const inPath = (operation.parameters ?? [])
        .filter((item) => item.in === 'path')
        .map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
    }
  });

  test('names the query parameters that the routes take: one more is refused with their names', async () => {
    for (const { path, method, operation } of operations()) {
      const reply = await call(stack.url, `${example(path)}?nothing=1`, { method });
      const names = (operation.parameters ?? [])
        .filter((item) => item.in === 'query')
        .map(({ name }) => name);
      const known = names.length > 0 ? `it knows ${names.join(', ')}` : 'it knows none';
      expect([path, reply.body.detail]).toEqual([
        path,
        `The route does not know the query parameter "nothing"; ${known}.`,
      ]);
    }
  });

  test('asks for one role a method', () => {
    const roles = operations().map(({ path, method, operation }) => {
      const [role] = operation.security.flatMap((way) => way['entra'] ?? []);
      return `${method} ${path} ${role ?? ''}`;
    });
    expect(roles).toEqual([
      'GET /api/servers Exposure.Read',
      'GET /api/servers/{resourceId} Exposure.Read',
      'GET /api/findings Exposure.Read',
      'POST /api/scans Exposure.Scan',
      'GET /api/scans/{scanId} Exposure.Read',
      'PUT /api/baselines/{resourceId} Exposure.Approve',
      'GET /api/report Exposure.Read',
      'GET /api/health Exposure.Read',
      'GET /api/openapi.json Exposure.Read',
    ]);
  });

  test('has every schema that it refers to', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    const { schemas } = document['components'] as { schemas: Json };
    expect(names.filter((name) => name === undefined || !(name in schemas))).toEqual([]);
    expect(Object.keys(schemas).filter((name) => !names.includes(name))).toEqual([]);
  });
});

/** Where an answer differs from what the document says of its route, status and type. */
function differences(path: string, method: string, reply: Reply): readonly string[] {
  const answer = document.paths[path]?.[method.toLowerCase()]?.responses[String(reply.status)];
  if (!answer) return [`${reply.status} is not in the document`];
  const [type = ''] = (reply.headers.get('content-type') ?? '').split(';');
  const schema = answer.content?.[type]?.schema;
  if (!schema) return [`${type} is not in the document`];
  return /[/+]json$/.test(type) ? checkSchema(schema, reply.body, document) : [];
}

describe('answers of a running app are as the document says', () => {
  test('lists, a server with findings and changes, scans, baselines', async () => {
    await addRule(stack, ORDERS, 'branch', '198.51.100.0-198.51.100.255');
    const seen = await eventually(
      () => call(stack.url, serverPath(ORDERS)),
      (reply) => openRules(reply).includes('exposure-widened'),
    );
    expect(seen.body.changes).toHaveLength(1);
    expect(differences('/api/servers/{resourceId}', 'GET', seen)).toEqual([]);

    const scan = await call(stack.url, '/api/scans', { method: 'POST' });
    expect(differences('/api/scans', 'POST', scan)).toEqual([]);
    const progress = await call(stack.url, scan.headers.get('location') ?? '');
    expect(differences('/api/scans/{scanId}', 'GET', progress)).toEqual([]);

    stack.azure.switches.denied = [/ledger\/firewallRules/i];
    const half = await scanNow(stack.url, LEDGER);
    stack.azure.switches.denied = [];
    expect(half.body.complete).toBe(false);
    expect(differences('/api/scans', 'POST', half)).toEqual([]);

    const now = await scanNow(stack.url, ORDERS);
    const etag = now.headers.get('etag') ?? '';
    const baseline = await call(
      stack.url,
      `/api/baselines${ORDERS}`,
      put({ reason: 'x' }, { 'if-match': etag }),
    );
    expect(baseline.status).toBe(200);
    expect(differences('/api/baselines/{resourceId}', 'PUT', baseline)).toEqual([]);
  });

  test.each([
    { path: '/api/servers', query: '' },
    { path: '/api/servers', query: '?top=1' },
    { path: '/api/findings', query: '?state=all' },
    { path: '/api/health', query: '' },
    { path: '/api/openapi.json', query: '' },
    { path: '/api/report', query: '' },
  ])('GET $path$query', async ({ path, query }) => {
    const reply = await call(stack.url, `${path}${query}`);
    expect(reply.status).toBe(200);
    expect(differences(path, 'GET', reply)).toEqual([]);
  });

  test('a method that is not in the document is refused with those that are', async () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const documented = Object.keys(methods).map((method) => method.toUpperCase());
      // Both routes of scans are one function.
      const taken = path.startsWith('/api/scans') ? ['GET', 'POST'] : documented;
      const allow = taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
      for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (allow.includes(method)) continue;
        const { status, headers, text } = await call(stack.url, example(path), { method });
        expect([path, method, status, headers.get('allow'), headers.get('content-type')]).toEqual([
          ...[path, method, 405, allow.join(', ')],
          'application/problem+json; charset=utf-8',
        ]);
        if (method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ title: 'Method not allowed' });
      }
    }
  });

  test('HEAD answers as GET does, without the body', async () => {
    for (const { path, method } of operations()) {
      if (method !== 'GET') continue;
      const [get, head] = [
        await call(stack.url, example(path)),
        await call(stack.url, example(path), { method: 'HEAD' }),
      ];
      const seen = ({ status, headers }: Reply) => [
        path,
        status,
        headers.get('content-type'),
        headers.get('etag'),
      ];
      expect(seen(head)).toEqual(seen(get));
      expect(head.text).toBe('');
    }
  });

  test.each<{ path: string; url: string; init: RequestInit }>([
    { path: '/api/servers', url: '/api/servers?top=0', init: {} },
    { path: '/api/servers/{resourceId}', url: '/api/servers/orders', init: {} },
    { path: '/api/servers/{resourceId}', url: serverPath(`${ORDERS}x`), init: {} },
    { path: '/api/findings', url: '/api/findings?rule=x', init: {} },
    { path: '/api/scans', url: '/api/scans', init: { method: 'POST', body: '{' } },
    { path: '/api/scans/{scanId}', url: '/api/scans/x', init: {} },
    { path: '/api/scans/{scanId}', url: '/api/scans/x?wait=1', init: {} },
    { path: '/api/health', url: '/api/health?full=1', init: {} },
    { path: '/api/openapi.json', url: '/api/openapi.json?format=yaml', init: {} },
    { path: '/api/baselines/{resourceId}', url: `/api/baselines${ORDERS}`, init: put({ reason: 'x' }) },
    {
      path: '/api/baselines/{resourceId}',
      url: `/api/baselines${ORDERS}`,
      init: put({ reason: 'x' }, { 'if-match': '"x"' }),
    },
    { path: '/api/report', url: '/api/report', init: { headers: { accept: 'image/png' } } },
  ])('refused: $url', async ({ path, url, init }) => {
    const reply = await call(stack.url, url, init);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(differences(path, init.method ?? 'GET', reply)).toEqual([]);
  });
});
