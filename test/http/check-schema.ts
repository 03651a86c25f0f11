type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What JSON Schema keywords ours may have: one that this check does not know must not pass as "no rule". */
const KNOWN = [
  '$ref',
  'type',
  'enum',
  'const',
  'anyOf',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
  'items',
  'format',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'description',
];

/** Where a value breaks its schema, as paths with a reason; none: it is valid. `root` holds what `$ref` names. */
export function checkSchema(schema: Schema, value: unknown, root: Schema, at = '$'): readonly string[] {
  const unknown = Object.keys(schema).filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0) return [`${at}: the check does not know ${unknown.join(', ')}`];
  if (typeof schema['$ref'] === 'string') return checkSchema(resolve(schema['$ref'], root), value, root, at);
  if (Array.isArray(schema['anyOf'])) {
    const ways = schema['anyOf'].filter(isObject).map((way) => checkSchema(way, value, root, at));
    return ways.some((errors) => errors.length === 0) ? [] : ways.flat();
  }
  return [
    ...typeErrors(schema, value, at),
    ...(Array.isArray(schema['enum']) && !schema['enum'].includes(value)
      ? [`${at}: none of the values`]
      : []),
    ...(typeof value === 'string' ? textErrors(schema, value, at) : []),
    ...(typeof value === 'number' ? numberErrors(schema, value, at) : []),
    ...(Array.isArray(value) ? listErrors(schema, value, root, at) : []),
    ...(isObject(value) ? objectErrors(schema, value, root, at) : []),
  ];
}

function resolve(name: string, root: Schema): Schema {
  const found = name
    .split('/')
    .slice(1)
    .reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), root);
  if (!isObject(found)) throw new Error(`there is no ${name}`);
  return found;
}

function typeErrors({ type }: Schema, value: unknown, at: string): readonly string[] {
  if (type === undefined) return [];
  const is = (name: string): boolean => {
    if (name === 'integer') return Number.isInteger(value);
    if (name === 'null') return value === null;
    if (name === 'array') return Array.isArray(value);
    if (name === 'object') return isObject(value);
    return typeof value === name;
  };
  const names = [type].flat().map(String);
  return names.some(is) ? [] : [`${at}: is no ${names.join(' or ')}`];
}

function textErrors({ format, minLength, maxLength }: Schema, value: string, at: string): readonly string[] {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
  return [
    ...(format === 'date-time' && !isTime ? [`${at}: ${value} is no time in UTC`] : []),
    ...(typeof minLength === 'number' && value.length < minLength ? [`${at}: too short`] : []),
    ...(typeof maxLength === 'number' && value.length > maxLength ? [`${at}: too long`] : []),
  ];
}

function numberErrors({ minimum, maximum }: Schema, value: number, at: string): readonly string[] {
  return [
    ...(typeof minimum === 'number' && value < minimum ? [`${at}: too small`] : []),
    ...(typeof maximum === 'number' && value > maximum ? [`${at}: too large`] : []),
  ];
}

function listErrors(
  { items, minItems, maxItems }: Schema,
  value: readonly unknown[],
  root: Schema,
  at: string,
): readonly string[] {
  return [
    ...(typeof minItems === 'number' && value.length < minItems ? [`${at}: too few`] : []),
    ...(typeof maxItems === 'number' && value.length > maxItems ? [`${at}: too many`] : []),
    ...(isObject(items)
      ? value.flatMap((item, index) => checkSchema(items, item, root, `${at}[${index}]`))
      : []),
  ];
}

function objectErrors(schema: Schema, value: Schema, root: Schema, at: string): readonly string[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const more = schema['additionalProperties'];
  return [
    ...required.filter((key) => !(key in value)).map((key) => `${at}.${key}: is missing`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const rule = properties[key];
      if (isObject(rule)) return checkSchema(rule, item, root, `${at}.${key}`);
      if (more === false) return [`${at}.${key}: is not in the document`];
      return isObject(more) ? checkSchema(more, item, root, `${at}.${key}`) : [];
    }),
  ];
}
