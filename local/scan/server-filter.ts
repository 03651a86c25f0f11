import { matchesGlob } from '../../shared/policy/glob.ts';

/** Which servers `--server` asks for: all of them without a pattern. A pattern that no server matches is a problem. */
export function serverFilter(patterns: readonly string[]): {
  readonly wanted: (serverId: string) => boolean;
  readonly unmatched: () => readonly string[];
} {
  const matched = new Set<string>();
  return {
    wanted: (id) => {
      const fitting = patterns.filter((pattern) => matchesGlob(pattern, id));
      for (const pattern of fitting) matched.add(pattern);
      return patterns.length === 0 || fitting.length > 0;
    },
    unmatched: () =>
      patterns
        .filter((pattern) => !matched.has(pattern))
        .map((pattern) => `--server ${pattern} is the id of no server in scope.`),
  };
}
