import { Agent as HttpAgent, get as httpGet } from 'node:http';
import { Agent, request } from 'node:https';
import { generateEstate } from '../local/azure/index.ts';
import { QUERIES } from '../shared/azure/queries.ts';
import { familyOf } from '../shared/families/index.ts';
import { serve } from './child.ts';
import { measured, type Measured } from './measured.ts';
import { factsOf, type Nth, RULES_PER_SERVER, type Size } from './needed.ts';

export interface FloorRequest {
  readonly size: Size;
  readonly nth: Nth;
  readonly url: string;
  readonly identityEndpoint: string;
}

/** What a bare loop of requests can be asked. */
export type FloorCommands = {
  /** The reads that a sweep makes, and `JSON.parse` of their answers. */
  readonly sweep: { readonly given: FloorRequest; readonly answer: Measured & { readonly calls: number } };
  /** Milliseconds of each of some single reads, one after the other. */
  readonly reads: {
    readonly given: FloorRequest & { readonly count: number };
    readonly answer: readonly number[];
  };
};

/** As many as the app has in flight: 8 messages of 8 servers. */
const CONCURRENT = 64;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT });

function bodyOf(stream: AsyncIterable<Buffer>, take: (text: string) => void, fail: (error: unknown) => void) {
  const read = async (): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    take(Buffer.concat(chunks).toString('utf8'));
  };
  read().catch(fail);
}

function tokenFrom(identityEndpoint: string): Promise<string> {
  const url = `${identityEndpoint}?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com`;
  const options = { headers: { 'x-identity-header': 'local' }, agent: new HttpAgent() };
  return new Promise((resolve, reject) => {
    const take = (text: string): void => {
      resolve((JSON.parse(text) as { access_token: string }).access_token);
    };
    httpGet(url, options, (answer) => {
      bodyOf(answer, take, reject);
    }).on('error', reject);
  });
}

/** Chunks are taken by events: the cheapest way that Node has. */
function ask(url: string, token: string, body?: string): Promise<unknown> {
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
  const more = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const options = { agent, method: body === undefined ? 'GET' : 'POST', headers: { ...headers, ...more } };
    const call = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        else reject(new Error(`${url} answered ${answer.statusCode ?? 0}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Paths of ARM that a sweep reads. */
function pathsOf(size: Size, nth: Nth): readonly string[] {
  const { servers } = factsOf(generateEstate({ ...size, rulesPerServer: RULES_PER_SERVER }));
  return servers.flatMap(({ id, publicAccess }) => {
    const version = familyOf(id.split('/').slice(6, 8).join('/').toLowerCase())?.apiVersion ?? '';
    const body = `${id}?api-version=${version}`;
    const rules = `${id}/firewallRules?api-version=${version}`;
    if (nth === 'first') return [body, rules];
    return publicAccess ? [rules] : [];
  });
}

async function listAll(kql: string, { url, size }: FloorRequest, token: string): Promise<number> {
  const { subscriptions } = generateEstate({ ...size, servers: 0, rulesPerServer: 0 });
  let skipToken: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const options = { $top: 1000, resultFormat: 'objectArray', ...(skipToken && { $skipToken: skipToken }) };
    const scope = subscriptions.map(({ subscriptionId }) => subscriptionId);
    const body = JSON.stringify({ subscriptions: scope, query: kql, options });
    const path = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
    const page = (await ask(url + path, token, body)) as { $skipToken?: string };
    skipToken = page.$skipToken;
    if (skipToken === undefined) return pages;
  }
}

serve<FloorCommands>({
  async sweep(given) {
    const token = await tokenFrom(given.identityEndpoint);
    const paths = [...pathsOf(given.size, given.nth)];
    const { subscriptions, servers, privateEndpoints, accessChanges } = QUERIES;
    return measured(async () => {
      let calls = paths.length;
      for (const kql of [subscriptions, servers, privateEndpoints, accessChanges])
        calls += await listAll(kql, given, token);
      let next = 0;
      const loop = async (): Promise<void> => {
        for (let path = paths[next++]; path !== undefined; path = paths[next++])
          await ask(given.url + path, token);
      };
      await Promise.all(Array.from({ length: CONCURRENT }, loop));
      return { calls };
    }, process.memoryUsage.rss());
  },
  async reads(given) {
    const token = await tokenFrom(given.identityEndpoint);
    const times: number[] = [];
    for (const path of pathsOf(given.size, 'first').slice(0, given.count)) {
      const startedAt = performance.now();
      await ask(given.url + path, token);
      times.push(performance.now() - startedAt);
    }
    return times;
  },
});
