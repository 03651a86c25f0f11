import { matches, type Fault, type Switches } from './switches.ts';

/** The first fault that wants this request, counted down; undefined when the request goes through as it is. */
export const findFault = (switches: Switches, method: string, target: string): Fault | undefined => {
  if (switches.faults.length === 0) return undefined;
  const found = switches.faults.find(
    (fault) =>
      fault.times !== 0 &&
      (fault.method === undefined || fault.method.toUpperCase() === method) &&
      matches(fault.match, target),
  );
  if (found?.times !== undefined) found.times -= 1;
  return found;
};
