import { REACHES } from '../exposure.ts';
import { SEVERITIES } from '../model.ts';
import { type Content, header, inPath, type Paths, problems, query, ref } from './openapi-parts.ts';
import { DEFAULT_TOP, MAX_TOP } from './page.ts';

const body = (name: string): Content => ({ 'application/json': { schema: ref(name) } });
const etag = { ETag: { description: 'Names the exposure that was seen.', schema: { type: 'string' } } };
const location = { Location: { description: '/api/scans/{id}', schema: { type: 'string' } } };
const retryAfter = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } };

const resourceId = inPath(
  'resourceId',
  'A resource id without its leading slash, in any casing; its slashes stay slashes.',
);
const paging = [
  query('top', `How many at most; ${DEFAULT_TOP} unless given, ${MAX_TOP} at most.`, {
    type: 'integer',
    minimum: 1,
    maximum: MAX_TOP,
    default: DEFAULT_TOP,
  }),
  query(
    'continuationToken',
    'From the page before, with the same filters. An item may come twice, none is left out.',
    {
      type: 'string',
    },
  ),
];

/** What each route takes and gives, who may ask, and how it refuses. */
export const PATHS: Paths = {
  '/api/servers': {
    get: {
      summary: 'The servers with their exposure, newest reading first',
      security: [{ entra: ['Exposure.Read'] }],
      parameters: [
        query('reach', 'One label.', { type: 'string', enum: [...REACHES] }),
        query('subscription', 'A subscription id.', { type: 'string', format: 'uuid' }),
        query('family', 'A resource type, such as microsoft.dbformysql/flexibleservers.', { type: 'string' }),
        ...paging,
      ],
      responses: { 200: { description: 'A page of servers', content: body('Servers') }, ...problems(400) },
    },
  },
  '/api/servers/{resourceId}': {
    get: {
      summary: 'One server: exposure, readings, open findings, baseline, drift, last changes',
      security: [{ entra: ['Exposure.Read'] }],
      parameters: [resourceId],
      responses: {
        200: { description: 'The server', headers: etag, content: body('ServerDetail') },
        ...problems(400, 404),
      },
    },
  },
  '/api/findings': {
    get: {
      summary: 'Findings, the gravest first',
      security: [{ entra: ['Exposure.Read'] }],
      parameters: [
        query('state', 'open (exempted ones included) unless given.', {
          type: 'string',
          enum: ['open', 'resolved', 'all'],
          default: 'open',
        }),
        query('severity', 'One severity.', { type: 'string', enum: [...SEVERITIES] }),
        query('rule', 'The id of a rule.', { type: 'string' }),
        query('server', 'The resource id of a server.', { type: 'string' }),
        ...paging,
      ],
      responses: { 200: { description: 'A page of findings', content: body('Findings') }, ...problems(400) },
    },
  },
  '/api/scans': {
    post: {
      summary: 'Asks for a reading of some servers, or of all; 10 a minute for each caller',
      security: [{ entra: ['Exposure.Scan'] }],
      parameters: [header('Prefer', 'wait=30 with one resource id: the result, if it comes in time.', false)],
      requestBody: { required: false, content: { 'application/json': { schema: ref('ScanBody') } } },
      responses: {
        200: { description: 'The server as it was read', headers: etag, content: body('ServerDetail') },
        202: { description: 'Asked for', headers: location, content: body('ScanAccepted') },
        ...problems(400, 404, 413),
        429: { ...problems(429)['429'], description: 'Too many requests', headers: retryAfter },
      },
    },
  },
  '/api/scans/{scanId}': {
    get: {
      summary: 'How far a scan has come; kept for 30 days',
      security: [{ entra: ['Exposure.Read'] }],
      parameters: [inPath('scanId', 'The id of a scan.')],
      responses: { 200: { description: 'Progress', content: body('Scan') }, ...problems(400, 404) },
    },
  },
  '/api/baselines/{resourceId}': {
    put: {
      summary: 'Approves exactly the exposure that was seen, and ends the drift that it explains',
      security: [{ entra: ['Exposure.Approve'] }],
      parameters: [resourceId, header('If-Match', 'The ETag of GET /api/servers/{resourceId}.', true)],
      requestBody: { required: true, content: { 'application/json': { schema: ref('BaselineBody') } } },
      responses: {
        200: { description: 'The new baseline', headers: etag, content: body('Baseline') },
        ...problems(400, 404, 409, 412, 413, 428),
      },
    },
  },
  '/api/report': {
    get: {
      summary: 'The report as a page, as CSV or as SARIF',
      security: [{ entra: ['Exposure.Read'] }],
      responses: {
        200: {
          description: 'By Accept, the page where it does not say',
          content: {
            'text/html': { schema: { type: 'string' } },
            'text/csv': { schema: { type: 'string' } },
            'application/sarif+json': { schema: { type: 'object' } },
          },
        },
        ...problems(400, 406),
      },
    },
  },
  '/api/health': {
    get: {
      summary: 'Whether the monitor can be believed; without a token the status code only',
      security: [{}, { entra: ['Exposure.Read'] }],
      responses: {
        200: { description: 'All is well', content: body('Health') },
        503: { description: 'It cannot, for these reasons', content: body('Health') },
        ...problems(400),
      },
    },
  },
  '/api/openapi.json': {
    get: {
      summary: 'This document',
      security: [{ entra: ['Exposure.Read'] }],
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
        ...problems(400),
      },
    },
  },
};
