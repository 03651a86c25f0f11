import { defineFamily } from './define-family.ts';
import { singleFacets } from './single.ts';

export const mysqlSingle = defineFamily({
  resourceType: 'microsoft.dbformysql/servers',
  title: 'MySQL single server',
  apiVersion: '2017-12-01',
  facets: { ...singleFacets, retiredOn: { in: 'family', value: '2024-09-16' } },
});
