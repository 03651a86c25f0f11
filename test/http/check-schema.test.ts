import { expect, test } from 'vitest';
import { checkSchema } from './check-schema.ts';

const root = { components: { schemas: { Name: { type: 'string', minLength: 1 } } } };
const schema = {
  type: 'object',
  properties: {
    name: { $ref: '#/components/schemas/Name' },
    at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    counts: { type: 'array', items: { type: 'integer', minimum: 0 } },
    kind: { enum: ['a', 'b'] },
    more: { type: 'object', additionalProperties: { type: 'boolean' } },
  },
  required: ['name'],
  additionalProperties: false,
};

test.each([
  {
    when: 'all is right',
    value: { name: 'x', at: '2026-05-20T12:00:00.000Z', counts: [0], kind: 'a', more: { y: true } },
    errors: 0,
  },
  { when: 'null is one of two', value: { name: 'x', at: null }, errors: 0 },
  { when: 'a key is missing', value: {}, errors: 1 },
  { when: 'a key is too many', value: { name: 'x', age: 1 }, errors: 1 },
  { when: 'what a reference names is broken', value: { name: '' }, errors: 1 },
  { when: 'an item is broken', value: { name: 'x', counts: [1, -1, 1.5] }, errors: 2 },
  { when: 'a value is none of the list', value: { name: 'x', kind: 'c' }, errors: 1 },
  { when: 'a free key has another type', value: { name: 'x', more: { y: 1 } }, errors: 1 },
  { when: 'a time has an offset', value: { name: 'x', at: '2026-05-20T12:00:00+02:00' }, errors: 2 },
  { when: 'it is a list', value: [], errors: 1 },
])('$when', ({ value, errors }) => {
  expect(checkSchema(schema, value, root)).toHaveLength(errors);
});

test('a keyword that the check does not know is an error', () => {
  expect(checkSchema({ oneOf: [] }, 1, root)).toEqual(['$: the check does not know oneOf']);
});
