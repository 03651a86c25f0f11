/** A JSON Schema, or another part of an OpenAPI document that nobody reads but its readers. */
export type Schema = Readonly<Record<string, unknown>>;

/** Media type to schema. */
export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** Status to answer. */
export type Answers = Readonly<
  Record<
    string,
    {
      readonly description: string;
      readonly headers?: Readonly<Record<string, Schema>>;
      readonly content?: Content;
    }
  >
>;

export interface Operation {
  readonly summary: string;
  /** Each is one way in; an empty one: without a token. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Schema[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Answers;
}

export type Paths = Readonly<Record<string, Readonly<Partial<Record<'get' | 'post' | 'put', Operation>>>>>;

/** Another schema of the document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function query(name: string, description: string, schema: Schema): Schema {
  return { name, in: 'query', description, schema };
}

export function inPath(name: string, description: string): Schema {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

export function header(name: string, description: string, required: boolean): Schema {
  return { name, in: 'header', required, description, schema: { type: 'string' } };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is wrong; the detail says where',
  401: 'No token, or none that is accepted here',
  403: 'The token lacks the role, or the routes are closed',
  404: 'Not found',
  406: 'None of the types is accepted',
  409: 'The last reading was not complete',
  412: 'The exposure has changed since it was seen',
  413: 'The body is too large',
  428: 'If-Match is missing',
  429: 'Too many requests',
  500: 'The request failed',
  503: 'Not configured, or something that is needed does not answer',
};

const ALWAYS = [401, 403, 500, 503];

/** Answers of these statuses as problems, with those that every route may give. */
export function problems(...statuses: readonly number[]): Answers {
  const content = { 'application/problem+json': { schema: ref('Problem') } };
  return Object.fromEntries(
    [...statuses, ...ALWAYS].map((status) => [
      String(status),
      { description: DESCRIPTIONS[status] ?? '', content },
    ]),
  );
}
