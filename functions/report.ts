import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { problem, text } from '../shared/http/answers.ts';
import { gather } from '../shared/http/gather.ts';
import { preferred } from '../shared/http/negotiate.ts';
import { EVERY_METHOD, type Door, type Methods, route } from '../shared/http/route.ts';
import { reportCsv } from '../shared/report/csv.ts';
import { reportHtml } from '../shared/report/html.ts';
import { reportSarif } from '../shared/report/sarif.ts';

export const methods: Methods = { GET: { role: 'Exposure.Read' } };

const TYPES = ['text/html', 'text/csv', 'application/sarif+json'] as const;
const VARY = { vary: 'accept' };
/** The page brings its own policy for what it may load; that nobody may frame it, only a header can say. */
const PAGE_HEADERS = {
  ...VARY,
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** The report as a page, or as CSV or SARIF where the caller accepts only these. */
export async function answerReport(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const type = preferred(request.headers.get('accept'), TYPES);
  if (!type) return problem(406, 'Not acceptable', `The report is ${TYPES.join(', ')}.`, VARY);
  const data = await gather(door);
  if (type === 'text/csv') return text(200, 'text/csv; charset=utf-8', reportCsv(data), VARY);
  if (type === 'application/sarif+json')
    return text(200, type, reportSarif(data, door.environment.rules), VARY);
  return text(200, 'text/html; charset=utf-8', reportHtml(data), PAGE_HEADERS);
}

functions.http('report', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'report',
  handler: route(methods, answerReport),
});
