import { defineFamily } from './define-family.ts';
import { flexibleFacets } from './flexible.ts';

export const postgresqlFlexible = defineFamily({
  resourceType: 'microsoft.dbforpostgresql/flexibleservers',
  title: 'PostgreSQL flexible server',
  apiVersion: '2025-08-01',
  facets: flexibleFacets,
});
