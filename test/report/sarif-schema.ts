import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { registerSchema, type SchemaObject, validate } from '@hyperjump/json-schema/draft-04';
// Texts that have to be URIs or times are checked to be some.
import '@hyperjump/json-schema/formats';

const NAME = 'sarif-2.1.0-rtm.5.json';
const FILE = createRequire(import.meta.url).resolve(`@microsoft/jest-sarif/lib/schemas/${NAME}`);

// The published schema has a pattern with a bracket too many, for a property that ours does not use.
const text = readFileSync(FILE, 'utf8').replaceAll('-[a-zA-Z]{2}]?$', '-[a-zA-Z]{2}$');
const schema = JSON.parse(text) as SchemaObject & { readonly id: string };
registerSchema(schema);
const check = await validate(schema.id);

/** Where a text breaks the schema of SARIF 2.1.0, as places with the keywords that it breaks; none: it is valid. */
export function sarifErrors(sarif: string): readonly string[] {
  const output = check(JSON.parse(sarif) as Parameters<typeof check>[0], { outputFormat: 'BASIC' });
  if (output.valid) return [];
  return (output.errors ?? []).map(({ instanceLocation, keyword }) => `${instanceLocation}: ${keyword}`);
}
