/**
 * Reads the body of an event delivery as the Functions host does: comments, trailing commas and single quotes are
 * accepted, every text that is a date is rewritten, and a number too large for a double becomes a text.
 * @throws SyntaxError when it is no JSON even so.
 */
export function parseEventJson(text: string): unknown {
  return parse(text, (_key, value) => {
    if (typeof value === 'string') return rewriteDate(value);
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    return value;
  });
}

type Reviver = (key: string, value: unknown) => unknown;

function parse(text: string, reviver: Reviver): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return JSON.parse(strictJson(text), reviver);
  }
}

const TOKEN =
  /"[^"\\]*(?:\\[^][^"\\]*)*"|'[^'\\]*(?:\\[^][^'\\]*)*'|\/\/[^\r\n]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)*[\]}])/g;

/** The same content in strict JSON; what cannot be translated stays, for the parser to refuse. */
function strictJson(text: string): string {
  return text.replace(TOKEN, (token: string, offset: number) => {
    if (token.startsWith('"')) return token;
    if (token.startsWith("'")) return doubleQuoted(token.slice(1, -1));
    if (token !== ',') return ' ';
    const before = text.slice(0, offset).trimEnd().at(-1);
    return before === '[' || before === '{' ? token : '';
  });
}

function doubleQuoted(content: string): string {
  return `"${content.replace(/\\'|\\[^]|"/g, (part) => (part === "\\'" ? "'" : part === '"' ? '\\"' : part))}"`;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?(?:([Zz])|([+-])(\d\d):?(\d\d)?)?$/;

/**
 * A date as the host writes it back: fractions without trailing zeros, an offset converted to the time zone of this
 * process and printed as an offset, a zoneless date left zoneless. Any other text stays as it is.
 */
function rewriteDate(text: string): string {
  const match = DATE.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, offsetHours, offsetMinutes] = match;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const midnight = dateOf(Number(year), Number(month), Number(day));
  const endOfDay = h === 24 && m === 0 && s === 0 && Number(fraction ?? 0) === 0;
  if (midnight === undefined || m > 59 || s > 59 || (h > 23 && !endOfDay)) return text;
  const time = midnight + ((h * 60 + m) * 60 + s) * 1000;
  const digits = (fraction ?? '').replace(/0+$/, '');
  const tail = digits === '' ? '' : `.${digits}`;
  if (utc !== undefined) return `${clock(time)}${tail}Z`;
  if (sign === undefined) return `${clock(time)}${tail}`;
  const offset = Number(`${sign}1`) * (Number(offsetHours) * 60 + Number(offsetMinutes ?? 0));
  const instant = time - offset * 60_000;
  const local = -new Date(instant).getTimezoneOffset();
  return `${clock(instant + local * 60_000)}${tail}${offsetText(local)}`;
}

function dateOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? date.getTime()
    : undefined;
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
