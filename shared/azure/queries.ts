import { readFileSync } from 'node:fs';

/** Resource Graph's queries: single-table, `where | project | order by id`. The bundler puts their text in place of the files. */
export const QUERIES = {
  servers: readFileSync(new URL('./queries/servers.kql', import.meta.url), 'utf8'),
  privateEndpoints: readFileSync(new URL('./queries/private-endpoints.kql', import.meta.url), 'utf8'),
  accessChanges: readFileSync(new URL('./queries/access-changes.kql', import.meta.url), 'utf8'),
  subscriptions: readFileSync(new URL('./queries/subscriptions.kql', import.meta.url), 'utf8'),
} as const;
