import { defineFamily } from './define-family.ts';
import { flexibleFacets } from './flexible.ts';

export const mysqlFlexible = defineFamily({
  resourceType: 'microsoft.dbformysql/flexibleservers',
  title: 'MySQL flexible server',
  apiVersion: '2024-12-30',
  facets: flexibleFacets,
});
