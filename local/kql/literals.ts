import { fixed } from './compile.ts';
import type { Scalar } from './compile.ts';
import { toDynamic, toGuid } from './casts.ts';
import { parseDatetime, ticksPer } from './time.ts';
import { parseTimespan } from './timespan.ts';
import { itemsOf, part } from './tree.ts';
import type { Node } from './tree.ts';
import { exactLong, unsupported } from './values.ts';
import type { ColumnType, Value } from './values.ts';

/** The text of a literal without its type: `long(7)` gives `7`. */
function bareText(node: Node): string {
  const { text } = part(node, 'Token');
  const [, inner] = /^\w+\s*\((.*)\)$/s.exec(text) ?? [];
  return (inner ?? text).trim().replace(/^(["'])(.*)\1$/s, '$2');
}

function sure(value: Value, node: Node): Value {
  if (value === null) throw unsupported('literal', part(node, 'Token').text);
  return value;
}

function realOf(text: string): number | null {
  const special = new Map([
    ['nan', Number.NaN],
    ['+inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['inf', Number.POSITIVE_INFINITY],
  ]).get(text.toLowerCase());
  if (special !== undefined) return special;
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

function wholeOf(text: string): number | null {
  return /^[+-]?(?:\d+|0[xX][0-9a-fA-F]+)$/.test(text) ? exactLong(Number(text)) : null;
}

/** `2d`, `timespan(2)` (days), `time(15 seconds)`. */
function timespanOf(text: string): bigint | null {
  return /^\d+$/.test(text) ? BigInt(text) * ticksPer.day : parseTimespan(text);
}

function boolOf(text: string): boolean | null {
  return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : null;
}

interface LiteralKind {
  readonly type: ColumnType;
  readonly read: (text: string) => Value;
}

/** The type is told by the kind: the default values of parameters are not bound. */
const literalKinds: Readonly<Record<string, LiteralKind>> = {
  LongLiteralExpression: { type: 'long', read: wholeOf },
  IntLiteralExpression: { type: 'int', read: wholeOf },
  RealLiteralExpression: { type: 'real', read: realOf },
  BooleanLiteralExpression: { type: 'bool', read: boolOf },
  DateTimeLiteralExpression: { type: 'datetime', read: parseDatetime },
  TimespanLiteralExpression: { type: 'timespan', read: timespanOf },
  GuidLiteralExpression: { type: 'guid', read: toGuid },
};

function literalOf(node: Node): { readonly type: ColumnType; readonly value: Value } | undefined {
  if (node.kind === 'StringLiteralExpression' || node.kind === 'CompoundStringLiteralExpression')
    return { type: 'string', value: sure(node.literal ?? null, node) };
  if (node.kind === 'NullLiteralExpression') return { type: 'dynamic', value: null };
  const known = literalKinds[node.kind];
  if (!known) return undefined;
  const text = bareText(node);
  return { type: known.type, value: text === 'null' ? null : sure(known.read(text), node) };
}

/** A literal as a scalar, or undefined when the node is none. */
export function compileLiteral(node: Node): Scalar | undefined {
  if (node.kind === 'DynamicExpression') return fixed(jsonLiteral(part(node, 'Expression')), 'dynamic');
  const literal = literalOf(node);
  return literal && fixed(literal.value, literal.type);
}

/** What stands inside of `dynamic(...)`. */
function jsonLiteral(node: Node): Value {
  if (node.kind === 'JsonArrayExpression') return itemsOf(node, 'Values').map(jsonLiteral);
  if (node.kind === 'JsonObjectExpression') {
    return Object.fromEntries(
      itemsOf(node, 'Pairs').map((pair) => [
        part(pair, 'Name').literal ?? '',
        jsonLiteral(part(pair, 'Value')),
      ]),
    );
  }
  if (node.kind === 'DynamicExpression') return jsonLiteral(part(node, 'Expression'));
  if (node.kind === 'UnaryMinusExpression') {
    const value = jsonLiteral(part(node, 'Expression'));
    if (typeof value === 'number') return -value;
  }
  const literal = literalOf(node);
  if (!literal) throw unsupported('dynamic literal', node.kind);
  return toDynamic(literal.value, literal.type);
}
