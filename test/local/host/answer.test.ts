import { expect, test } from 'vitest';
import { answerRequest } from '../../../local/host/answer.ts';
import type { HostRequest } from '../../../local/host/http-message.ts';
import { parseRoute } from '../../../local/host/routes.ts';
import type { Worker } from '../../../local/host/worker.ts';

const worker: Worker = {
  invoke: () => Promise.reject(new Error('nothing may run')),
  runAppHooks: () => Promise.resolve(),
  idle: () => Promise.resolve(),
  runningCount: () => 0,
};
const doors = {
  routes: [parseRoute('keyed', 'api', 'keyed', ['GET'])],
  keyed: new Set(['keyed']),
  eventGrid: new Set(['onEvent']),
  admin: new Map([['sweep', () => Promise.reject(new Error('nothing may run'))]]),
  loopback: false,
};

function requestOf(method: string, path: string): HostRequest {
  const url = new URL(`http://192.0.2.1:7071${path}`);
  const readBody = (): Promise<Buffer> => Promise.resolve(Buffer.from('[]'));
  return { method, url, path: url.pathname, headers: { 'aeg-event-type': 'Notification' }, readBody };
}

test.each([
  { when: 'Event Grid', method: 'POST', path: '/runtime/webhooks/eventgrid?functionName=onEvent' },
  { when: 'admin', method: 'POST', path: '/Admin/functions/sweep' },
  { when: 'a function that asks for a key', method: 'GET', path: '/api/keyed' },
])('off loopback there is no key, so 401: $when', async ({ method, path }) => {
  expect(await answerRequest(requestOf(method, path), doors, worker)).toEqual({ status: 401 });
});

test.each([
  { route: '/leading', message: 'The function f: the route "/leading" begins with "/".' },
  {
    route: 'a/{id:int}',
    message: 'The function f: the local host does not serve the route segment "{id:int}".',
  },
  {
    route: '{*rest}/a',
    message: 'The function f: in the route "{*rest}/a" something follows the catch-all.',
  },
])('a route that is refused: $route', ({ route, message }) => {
  expect(() => parseRoute('f', 'api', route, ['GET'])).toThrow(new Error(message));
});
