import type { Rule } from '../model.ts';
import { policyFrom } from './interpret.ts';
import { type JsonPath, type JsonText, readJsonText } from './json-text.ts';
import type { ParsedPolicy } from './parsed-policy.ts';
import { faultsOf, warningsOf } from './remarks.ts';
import { policySchema } from './schema.ts';

/** Errors and warnings are one line each: the line of the file, the key, and what is allowed there. */
export type ParseResult =
  | { readonly policy: ParsedPolicy; readonly warnings: readonly string[] }
  | { readonly errors: readonly string[] };

const MAX_LENGTH = 1_000_000;
const MAX_ERRORS = 100;

/** Parses a policy file for these rules; `now` (ISO 8601) only decides about warnings. */
export function parsePolicy(text: string, rules: readonly Rule[], now: string): ParseResult {
  if (text.length > MAX_LENGTH) return { errors: [`the policy is longer than ${MAX_LENGTH} characters`] };
  const json = readJsonText(text);
  if ('fault' in json) return { errors: [`line ${json.line}: not JSON: ${printable(json.fault)}`] };
  const parsed = policySchema(rules).safeParse(json.value);
  if (!parsed.success) {
    const errors = parsed.error.issues.slice(0, MAX_ERRORS).flatMap((issue) => {
      const path = issue.path.filter((part) => typeof part !== 'symbol');
      if (issue.code !== 'unrecognized_keys') return [note(json, path, issue.message)];
      return issue.keys.map((key) => note(json, [...path, key], issue.message));
    });
    return { errors: inOrder(errors) };
  }
  const file = parsed.data;
  const errors = faultsOf(file).map(([path, fault]) => note(json, path, fault));
  if (errors.length > 0) return { errors: inOrder(errors) };
  const policy = policyFrom(file);
  const warnings = warningsOf(file, policy, Date.parse(now)).map(([path, text]) => note(json, path, text));
  return { policy, warnings: inOrder(warnings) };
}

interface Note {
  readonly line: number;
  readonly text: string;
}

/** A key that is not there is said of the line of what should hold it. */
function note(json: JsonText, path: JsonPath, message: string): Note {
  const isThere = json.lineOf(path) !== undefined;
  let depth = path.length;
  while (depth > 0 && json.lineOf(path.slice(0, depth)) === undefined) depth -= 1;
  const line = json.lineOf(path.slice(0, depth)) ?? 1;
  const where = path.length === 0 ? 'the policy' : pathText(path);
  const text = `${where}${isThere ? '' : ' is missing; it'} ${message}`;
  return { line, text: `line ${line}: ${printable(text)}` };
}

/** A message goes to terminals and tables: what a key of the file may hold does not. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}

function inOrder(notes: readonly Note[]): readonly string[] {
  return [...notes].sort((a, b) => a.line - b.line).map(({ text }) => text);
}

/** `exemptions[0].upTo.ranges[1]`; a key of other characters is shown as JSON. */
function pathText(path: JsonPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const isPlain = /^[A-Za-z$_][\w$-]{0,79}$/.test(part);
    if (!isPlain) return `${text}[${JSON.stringify(part.slice(0, 80))}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
