import type { InvocationContext } from '@azure/functions';
import type { Ports } from './ports.ts';

/** One JSON object a line: ids and counts only, so that no name can forge a line and no body can leak. */
export function logTo(context: Pick<InvocationContext, 'log'>): Ports['log'] {
  return (message, facts = {}) => {
    context.log(JSON.stringify({ message, ...facts }));
  };
}
