import { defineRule } from './define-rule.ts';

/** Made while findings are held against the state, where all of them are known: no reading alone can tell. */
export const tooManyFindings = defineRule({
  id: 'too-many-findings',
  code: 'MON-011',
  title: 'More findings than are kept for one server',
  severity: 'Informational',
  category: 'monitor',
  subject: 'server',
  fix: 'Clear the firewall rules that nobody needs.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['server'],
  check: () => 'not-applicable',
});
