const duration =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];

const durationMs = (text: string): number | undefined => {
  const parts: readonly (string | undefined)[] | undefined = duration.exec(text)?.slice(1);
  if (!parts || parts.every((part) => part === undefined)) return undefined;
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (unitsMs[index] ?? 0), 0);
};

/**
 * Reads the `timespan` of a log query: a duration (`PT1H`, counted back from now), `start/end`, `start/duration` or
 * `duration/end`; milliseconds since 1970. Throws an error for any other text.
 */
export const parseTimespan = (text: string, now: Date): { readonly from: number; readonly to: number } => {
  const [first = '', second] = text.split('/');
  const firstLength = durationMs(first);
  const secondLength = durationMs(second ?? '');
  const start = Date.parse(first);
  const end = second === undefined ? now.getTime() : Date.parse(second);
  const from = firstLength === undefined ? start : end - firstLength;
  const to = secondLength === undefined ? end : start + secondLength;
  if (Number.isNaN(from) || Number.isNaN(to) || (second === undefined && firstLength === undefined))
    throw new Error(`The timespan '${text}' is not an ISO 8601 interval.`);
  return { from, to };
};
