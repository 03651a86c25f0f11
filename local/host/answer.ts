import { answerAdmin } from './admin.ts';
import type { RunFunction } from './admin.ts';
import { answerEventGrid, EVENT_GRID_PATH } from './event-grid.ts';
import { toHostResponse, toHttpData } from './http-message.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import { matchRoute } from './routes.ts';
import type { Route } from './routes.ts';
import type { Worker } from './worker.ts';

/** What the host answers from: its routes in their order, and the functions by their door. */
export interface Doors {
  readonly routes: readonly Route[];
  /** HTTP functions that ask for a key; there are none in the local host, so off loopback they are closed. */
  readonly keyed: ReadonlySet<string>;
  readonly eventGrid: ReadonlySet<string>;
  readonly admin: ReadonlyMap<string, RunFunction>;
  readonly loopback: boolean;
}

const ADMIN_PATH = '/admin/functions/';

/** Answers one request; 404 without a body where no door is. */
export async function answerRequest(
  request: HostRequest,
  doors: Doors,
  worker: Worker,
): Promise<HostResponse> {
  const path = request.path.toLowerCase();
  if (path === EVENT_GRID_PATH) {
    return doors.loopback ? answerEventGrid(request, doors.eventGrid, worker) : { status: 401 };
  }
  if (path.startsWith(ADMIN_PATH)) {
    const name = request.path.slice(ADMIN_PATH.length);
    return doors.loopback ? answerAdmin(request, name, doors.admin) : { status: 401 };
  }
  const match = matchRoute(doors.routes, request.method, request.path);
  if (match === undefined) return { status: 404 };
  if (!doors.loopback && doors.keyed.has(match.functionName)) return { status: 401 };
  const body = await request.readBody();
  if (body === undefined) return { status: 500 };
  const data = { http: toHttpData(request, match.params, body) };
  return toHostResponse(await worker.invoke(match.functionName, { data }));
}
