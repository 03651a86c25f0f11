import * as z from 'zod';
import { SEVERITIES } from '../model.ts';
import { nearest } from './nearest.ts';
import { MAX_PATTERN } from './safe-pattern.ts';

const MAX_ITEMS = 5000;

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`;
const RANGE = new RegExp(`^${ADDRESS}(?:/(?:3[0-2]|[12]?[0-9])|-${ADDRESS})?$`);
const GUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
/** Something to read, and not the placeholder of the block that the command prints. */
const SAID = /^(?!\s*<[\s\S]*>\s*$)[\s\S]*\S/;

export function text(max: number, error: string, description: string): z.ZodString {
  return z.string({ error }).min(1, { error }).max(max, { error }).meta({ description });
}

export function said(max: number, description: string): z.ZodString {
  const error = `must be a text of at most ${max} characters that you write yourself`;
  return z.string({ error }).max(max, { error, abort: true }).regex(SAID, { error }).meta({ description });
}

export function whole(max: number, description: string): z.ZodInt {
  const error = `must be a whole number from 0 to ${max}`;
  return z.int({ error }).min(0, { error }).max(max, { error }).meta({ description });
}

export function list<Item extends z.ZodType>(item: Item, of: string, description: string): z.ZodArray<Item> {
  const error = `must be a list of at most ${MAX_ITEMS} ${of}`;
  return z.array(item, { error }).max(MAX_ITEMS, { error }).meta({ description });
}

/** An object with these keys and no others; the message for another one says which there are. */
export function exactly<Shape extends z.ZodRawShape>(
  shape: Shape,
  description: string,
  noun = 'key here',
): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape);
  return z
    .strictObject(shape, {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? notAKey(issue.keys, keys, noun) : 'must be an object in { }',
    })
    .meta({ description });
}

function notAKey(typed: readonly string[], keys: readonly string[], noun: string): string {
  const near = typed.length === 1 ? nearest(typed[0] ?? '', keys) : undefined;
  if (near !== undefined) return `is not a ${noun}; did you mean "${near}"?`;
  return keys.length > 12 ? `is not a ${noun}` : `is not a ${noun}; there are: ${keys.join(', ')}`;
}

export const guid = z
  .string({ error: 'must be a GUID' })
  .regex(GUID, { error: 'must be a GUID' })
  .meta({ description: 'A GUID, such as 00000000-0000-0000-0000-000000000000.' });
const rangeError =
  'must be an IPv4 block, range or address, such as 203.0.113.0/24, 203.0.113.1-203.0.113.9 or 203.0.113.5';
export const range = z.string({ error: rangeError }).regex(RANGE, { error: rangeError });
export const severity = z.enum(SEVERITIES, { error: `must be one of ${SEVERITIES.join(', ')}` });
export const flag = z.boolean({ error: 'must be true or false' });
const timeError = 'must be a day such as 2027-01-31 (to its end, UTC) or a time such as 2027-01-31T12:00:00Z';
export const time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: timeError })
  .meta({ description: 'A day (it ends with that day, UTC) or a time with its offset.' });
export const pattern = text(
  MAX_PATTERN,
  `must be a regular expression of at most ${MAX_PATTERN} characters`,
  'A regular expression for names, compared without case: at most three quantifiers, none inside of another.',
).meta({ format: 'regex' });
