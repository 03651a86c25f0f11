import { cut } from '../text.ts';

const MOST_PROBLEMS = 20;
const UNSURE = 'Plumbing could not be checked: ';

/** Azure did not say: not known to be right, so it is told. */
export function unsure(what: string, reason: string): string {
  return `${UNSURE}${what}: ${reason}.`;
}

/** A name out of Azure in a sentence of ours: bounded, quoted and well-formed. */
export function shown(name: string): string {
  return JSON.stringify(cut(name, 120));
}

/** At most 21 sentences, what is missing before what may be: the row stays small. */
export function bounded(found: readonly string[]): string[] {
  const isUnsure = (problem: string): boolean => problem.startsWith(UNSURE);
  const sorted = [...found.filter((problem) => !isUnsure(problem)), ...found.filter(isUnsure)];
  if (sorted.length <= MOST_PROBLEMS) return sorted;
  const more = sorted.length - MOST_PROBLEMS;
  return [...sorted.slice(0, MOST_PROBLEMS), `Plumbing has ${more} more problems that are not named here.`];
}
