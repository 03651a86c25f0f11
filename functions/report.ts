import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { problem, text } from '../shared/http/answers.ts';
import { gather } from '../shared/http/gather.ts';
import { preferred } from '../shared/http/negotiate.ts';
import { type Door, route } from '../shared/http/route.ts';
import { reportCsv } from '../shared/report/csv.ts';
import { reportHtml } from '../shared/report/html.ts';
import { reportSarif } from '../shared/report/sarif.ts';

const TYPES = ['text/html', 'text/csv', 'application/sarif+json'] as const;

/** The report as a page, or as CSV or SARIF where the caller accepts only these. */
export async function answerReport(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const type = preferred(request.headers.get('accept'), TYPES);
  if (!type) return problem(406, 'Not acceptable', `The report is ${TYPES.join(', ')}.`);
  const data = await gather(door);
  if (type === 'text/csv') return text(200, 'text/csv; charset=utf-8', reportCsv(data));
  if (type === 'application/sarif+json') return text(200, type, reportSarif(data, door.environment.rules));
  return text(200, 'text/html; charset=utf-8', reportHtml(data));
}

functions.http('report', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'report',
  handler: route(answerReport),
});
