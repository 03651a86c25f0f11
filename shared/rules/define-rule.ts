import type { Fact, Rule } from '../model.ts';

/** Gives `check` exactly the facts that `needs` names. */
export const defineRule = <const Needed extends Fact>(rule: Rule<Needed>): Rule<Needed> => rule;
