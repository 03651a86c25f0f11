import { defineRule } from './define-rule.ts';

export const retiredService = defineRule({
  id: 'retired-service',
  code: 'LIFE-001',
  title: 'Retired database service still in use',
  severity: 'High',
  category: 'lifecycle',
  subject: 'server',
  fix: 'Migrate to a flexible server.',
  documentation: 'https://learn.microsoft.com/azure/mysql/migrate/whats-happening-to-mysql-single-server',
  standards: [],
  needs: ['retiredOn', 'server'],
  check({ retiredOn, server }) {
    const summary = `Azure retired this service on ${retiredOn}.`;
    return [{ summary, evidence: { type: server.family, retiredOn } }];
  },
});
