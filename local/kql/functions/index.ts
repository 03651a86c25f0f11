import type { Build } from './build.ts';
import { conversionFunctions } from './conversion.ts';
import { dynamicFunctions } from './dynamic.ts';
import { logicFunctions } from './logic.ts';
import { numberFunctions } from './numbers.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';

/** The built-in scalar functions that the runner knows, by name. */
export const scalarFunctions: ReadonlyMap<string, Build> = new Map(
  Object.entries({
    ...conversionFunctions,
    ...dynamicFunctions,
    ...logicFunctions,
    ...numberFunctions,
    ...textFunctions,
    ...timeFunctions,
  }),
);
