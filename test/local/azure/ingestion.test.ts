import { gzipSync } from 'node:zlib';
import { LogsIngestionClient, isAggregateLogsUploadError } from '@azure/monitor-ingestion';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../../local/azure/index.ts';
import { call, tinyEstate } from './tiny-estate.ts';

const now = new Date('2026-09-01T12:00:00.000Z');
const streams = {
  'Custom-Rows_CL': {
    TimeGenerated: 'datetime',
    Name: 'string',
    Count: 'long',
    Open: 'boolean',
    Extra: 'dynamic',
  },
} as const;
let azure: EmbeddedAzure;
beforeEach(async () => {
  azure = await startAzure({ estate: tinyEstate(), streams, now: () => now });
});
afterEach(() => azure.close());

const client = (): LogsIngestionClient =>
  new LogsIngestionClient(azure.url, azure.credential, {
    tlsOptions: { ca: azure.certificate },
    retryOptions: { maxRetries: 0 },
  });
const monitor = (): string => azure.mintToken({ aud: 'https://monitor.azure.com' });
const path = (stream = 'Custom-Rows_CL', rule = azure.ruleId): string =>
  `/dataCollectionRules/${rule}/streams/${stream}?api-version=2023-01-01`;

test('rows of the real client are stored with their types, undeclared columns dropped', async () => {
  await client().upload(azure.ruleId, 'Custom-Rows_CL', [
    { TimeGenerated: '2026-09-01T11:59:00Z', Name: 'a', Count: 2, Open: true, Extra: { x: [1] }, Unknown: 1 },
    { TimeGenerated: '2026-08-01T00:00:00Z', Name: 7, Count: 'many', Open: 'false' },
  ]);
  const $ingestionTime = '2026-09-01T12:00:00.000Z';
  const rows = [
    {
      TimeGenerated: '2026-09-01T11:59:00Z',
      Name: 'a',
      Count: 2,
      Open: true,
      Extra: { x: [1] },
      $ingestionTime,
    },
    {
      TimeGenerated: '2026-09-01T12:00:00.000Z',
      Name: '7',
      Count: null,
      Open: false,
      Extra: null,
      $ingestionTime,
    },
  ];
  expect(azure.ingested('Rows_CL')).toEqual(rows);
  expect((await call(azure, 'GET', '/_local/ingested?table=Rows_CL')).body).toEqual(rows);
  expect((await call(azure, 'GET', '/_local/ingested')).body).toEqual({ Rows_CL: rows });
});

test('a refused upload reaches the client as its error', async () => {
  azure.switches.ingestionForbidden = true;
  const failed = await client()
    .upload(azure.ruleId, 'Custom-Rows_CL', [{ Name: 'a' }])
    .catch((error: unknown) => error);
  expect(isAggregateLogsUploadError(failed)).toBe(true);
  expect(failed).toMatchObject({ errors: [{ cause: { statusCode: 403 } }] });
});

describe('refusals', () => {
  test.each([
    {
      when: 'no array',
      send: () => ({ target: path(), body: { a: 1 } }),
      status: 400,
      code: 'InvalidPayload',
    },
    {
      when: 'an array of numbers',
      send: () => ({ target: path(), body: [1] }),
      status: 400,
      code: 'InvalidPayload',
    },
    {
      when: 'an unknown stream',
      send: () => ({ target: path('Custom-Other'), body: [] }),
      status: 400,
      code: 'InvalidStream',
    },
    {
      when: 'an unknown rule',
      send: () => ({ target: path('Custom-Rows_CL', 'dcr-1'), body: [] }),
      status: 404,
      code: 'NotFound',
    },
    {
      when: 'too many bytes',
      send: () => ({ target: path(), body: [{ Name: 'x'.repeat(1_048_577) }] }),
      status: 413,
      code: 'ContentLengthLimitExceeded',
    },
    {
      when: 'a token for another service',
      send: () => ({
        target: path(),
        body: [],
        token: azure.mintToken({ aud: 'https://management.azure.com' }),
      }),
      status: 401,
      code: 'InvalidAudience',
    },
    {
      when: 'no token',
      send: () => ({ target: path(), body: [], token: undefined }),
      status: 401,
      code: 'AuthenticationFailed',
    },
  ])('$when', async ({ send, status, code }) => {
    const { target, ...options } = send();
    const reply = await call(azure, 'POST', target, { token: monitor(), ...options });
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: { code } });
  });

  test('content that is small only while it is packed', async () => {
    const packed = gzipSync(JSON.stringify([{ Name: 'x'.repeat(2_000_000) }]));
    const fetchTooLarge = client()
      .upload(azure.ruleId, 'Custom-Rows_CL', [{ Name: 'x'.repeat(2_000_000) }])
      .catch((error: unknown) => error);
    expect(packed.length).toBeLessThan(10_000);
    expect(await fetchTooLarge).toMatchObject({ errors: [{ cause: { statusCode: 413 } }] });
  });
});

describe('queries over what was ingested', () => {
  beforeEach(() =>
    client().upload(azure.ruleId, 'Custom-Rows_CL', [
      { TimeGenerated: '2026-09-01T11:59:00Z', Name: 'a', Count: 2 },
      { TimeGenerated: '2026-09-01T09:00:00Z', Name: 'b', Count: 3 },
    ]),
  );

  test('in process', () => {
    expect(azure.query('Rows_CL | summarize Total = sum(Count)').rows).toEqual([{ Total: 5 }]);
  });

  test.each([
    { when: 'without a timespan', timespan: undefined, rows: [['a'], ['b']] },
    { when: 'within the last hour', timespan: 'PT1H', rows: [['a']] },
    { when: 'between two times', timespan: '2026-09-01T08:00:00Z/2026-09-01T10:00:00Z', rows: [['b']] },
  ])('by the query service $when', async ({ timespan, rows }) => {
    const body = { query: 'Rows_CL | project Name | order by Name asc', ...(timespan && { timespan }) };
    const reply = await call(azure, 'POST', '/v1/workspaces/any/query', { body, token: undefined });
    expect(reply.body).toEqual({
      tables: [{ name: 'PrimaryResult', columns: [{ name: 'Name', type: 'string' }], rows }],
    });
  });

  test.each([
    { when: 'an unknown table', body: { query: 'Nothing_CL' } },
    { when: 'no query', body: {} },
    { when: 'a wrong timespan', body: { query: 'Rows_CL', timespan: 'yesterday' } },
  ])('$when is a 400', async ({ body }) => {
    const reply = await call(azure, 'POST', '/v1/workspaces/any/query', { body });
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: { code: 'BadArgumentError' } });
  });
});

test('without declared streams any table is taken and its columns are found', async () => {
  const free = await startAzure({ estate: tinyEstate(), ruleId: 'dcr-free' });
  const uploads = new LogsIngestionClient(free.url, free.credential, {
    tlsOptions: { ca: free.certificate },
  });
  await uploads.upload('dcr-free', 'Custom-Any_CL', [
    { A: 1, B: 'x' },
    { A: 1.5, C: true },
  ]);
  expect(free.query('Any_CL | where C == true | project A').rows).toEqual([{ A: 1.5 }]);
  await free.close();
});
