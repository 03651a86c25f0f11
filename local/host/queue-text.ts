import type { TypedData } from './core-api.ts';
import type { QueueSettings } from './host-json.ts';

type Encoding = QueueSettings['messageEncoding'];

/** A message's text as the handler gets it, or undefined where it is not in the encoding of host.json. */
export function decodeMessage(text: string, encoding: Encoding): string | undefined {
  if (encoding === 'none') return text;
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

/** A text in the encoding of host.json. */
export function encodeMessage(text: string, encoding: Encoding): string {
  return encoding === 'none' ? text : Buffer.from(text, 'utf8').toString('base64');
}

/**
 * The messages that a queue output gives: one per element of an array; objects as indented JSON, as the Functions host
 * writes them.
 */
export function outputMessages(data: TypedData): readonly string[] {
  if (data.string !== undefined) return [data.string];
  if (data.bytes !== undefined) return [new TextDecoder().decode(data.bytes)];
  if (data.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    return (Array.isArray(value) ? value : [value]).filter((item) => item !== null).map(messageOf);
  }
  const number = data.int ?? data.double;
  if (number !== undefined) return [String(number)];
  throw new Error('A queue output is neither text, bytes, a number nor JSON.');
}

function messageOf(item: unknown): string {
  return typeof item === 'string' ? item : JSON.stringify(item, null, 2);
}
