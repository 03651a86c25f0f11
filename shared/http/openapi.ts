import * as z from 'zod';
import { APP_VERSION } from '../app-version.ts';
import { BaselineBody, ScanBody } from './bodies.ts';
import type { Paths, Schema } from './openapi-parts.ts';
import { PATHS } from './openapi-paths.ts';
import * as schemas from './schemas.ts';

/** An OpenAPI document as far as ours goes. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Paths;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

let made: OpenApi | undefined;

/** The document of the HTTP routes; its schemas are made from those that the code itself has. */
export function openApi(): OpenApi {
  made ??= {
    openapi: '3.1.0',
    info: {
      title: 'Database Exposure Monitor',
      version: APP_VERSION,
      description:
        'Network exposure of managed database servers. Tokens come from Entra; no role implies another. Unknown query parameters are refused. What takes GET takes HEAD too; another method is answered with 405 and the header Allow.',
    },
    paths: PATHS,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { entra: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
  return made;
}

function componentSchemas(): OpenApi['components']['schemas'] {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...schemas, ScanBody, BaselineBody }))
    registry.add(schema, { id });
  const { schemas: converted } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(converted).map(([id, schema]) => [id, withoutNames(schema)]));
}

/** In the document a schema goes by its place. */
function withoutNames(schema: object): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}
