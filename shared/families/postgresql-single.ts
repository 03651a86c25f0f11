import { defineFamily } from './define-family.ts';
import { singleFacets } from './single.ts';

export const postgresqlSingle = defineFamily({
  resourceType: 'microsoft.dbforpostgresql/servers',
  title: 'PostgreSQL single server',
  apiVersion: '2017-12-01',
  facets: { ...singleFacets, retiredOn: { in: 'family', value: '2025-03-28' } },
});
