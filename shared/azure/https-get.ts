import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { unpacked } from './unpacked.ts';

/** Of one host: the app's 8 messages of 8 servers, each with its body and a list. Who comes later waits for a free one. */
const MAX_SOCKETS = 128;
/** Of the whole process. The connection that was used last is used first: those that are too many end by themselves. */
const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo' });

export interface Question {
  readonly host: string;
  /** Empty for 443. */
  readonly port: string;
  /** With the query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** For the whole answer, the wait for a connection included. */
  readonly milliseconds: number;
  /** Of the body, before it is unpacked and after. */
  readonly maxBytes: number;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Why there is no answer. `reset`: a connection that had been used before ended without one, as it does when the other side
 * closes it at the moment in which it is used again.
 */
export type Lost = 'late' | 'large' | 'broken' | 'reset';

/** One GET over TLS and nothing more: no redirect, no second try; throws on a question that cannot be sent as it is. */
export function httpsGet(question: Question, connection: 'kept' | 'new'): Promise<HttpsAnswer | Lost> {
  const { host, port, path, headers, milliseconds, maxBytes } = question;
  return new Promise((resolve) => {
    const call = request({ agent: connection === 'kept' ? agent : false, host, port, path, headers });
    const end = (result: HttpsAnswer | Lost): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const giveUp = (why: Lost): void => {
      end(why);
      call.destroy();
    };
    const timer = setTimeout(giveUp, milliseconds, 'late');
    let begun = false;
    call.on('response', (answer) => {
      begun = true;
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) giveUp('large');
      });
      answer.on('end', () => {
        const bytes = unpacked(Buffer.concat(chunks, size), answer.headers['content-encoding'], maxBytes);
        if (typeof bytes === 'string') end(bytes);
        else end({ status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString('utf8') });
      });
      answer.on('error', () => {
        end('broken');
      });
    });
    call.on('error', (error) => {
      end(!begun && call.reusedSocket && isReset(error) ? 'reset' : 'broken');
    });
    call.end();
  });
}

/** EPIPE: the reset had come before the question was written. */
function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
