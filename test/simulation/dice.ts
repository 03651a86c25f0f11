/** One stream of chance: the same seed and name give the same numbers for ever. */
export interface Dice {
  /** 0 <= x < 1. */
  readonly next: () => number;
  readonly chance: (probability: number) => boolean;
  readonly between: (from: number, to: number) => number;
  /** A whole number, 0 <= x < count. */
  readonly below: (count: number) => number;
  readonly pick: <Item>(items: readonly [Item, ...Item[]]) => Item;
}

/** Streams are apart, so that switching one fault class off leaves the others as they were. */
export function dice(seed: number, name: string): Dice {
  let state = seed >>> 0;
  for (let index = 0; index < name.length; index += 1) {
    state = Math.imul(state ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  for (let warm = 0; warm < 4; warm += 1) next();
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    between: (from, to) => from + next() * (to - from),
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}
