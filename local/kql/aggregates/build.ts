import type { Run, Scalar } from '../compile.ts';
import type { Row, Value } from '../values.ts';

/** The growing result of an aggregate over one group. */
export interface Accumulator {
  readonly add: (row: Row, run: Run) => void;
  readonly results: () => readonly Value[];
}

/** A compiled aggregate and the number of columns that it gives. */
export interface Aggregate {
  readonly width: number;
  readonly start: () => Accumulator;
}

/** Compiles an aggregate of one column for its arguments. */
export type BuildAggregate = (args: readonly Scalar[], name: string) => Aggregate;

/** An aggregate that folds the values of one argument; nulls are left out. */
export function folded<State>(
  scalar: Scalar,
  first: () => State,
  step: (state: State, value: NonNullable<Value>) => State,
  result: (state: State) => Value,
): Aggregate {
  return {
    width: 1,
    start: () => {
      let state = first();
      return {
        add: (row, run) => {
          const value = scalar.evaluate(row, run);
          if (value !== null) state = step(state, value);
        },
        results: () => [result(state)],
      };
    },
  };
}
