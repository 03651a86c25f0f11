import { dateOfTicks, ticksPer } from '../time.ts';
import { unsupported } from '../values.ts';
import { argument, atMost, expectType, writtenText } from './build.ts';
import type { Build } from './build.ts';

const specifiers: Readonly<Record<string, (date: Date) => number>> = {
  yyyy: (date) => date.getUTCFullYear(),
  yy: (date) => date.getUTCFullYear() % 100,
  MM: (date) => date.getUTCMonth() + 1,
  dd: (date) => date.getUTCDate(),
  HH: (date) => date.getUTCHours(),
  mm: (date) => date.getUTCMinutes(),
  ss: (date) => date.getUTCSeconds(),
};

/** `format_datetime` with the specifiers of two digits, `yyyy` and fractions (`fff`). */
export const formatDatetime: Build = (args, name) => {
  atMost(args, 2, name);
  const time = expectType(argument(args, 0, name), ['datetime'], name);
  const format = writtenText(argument(args, 1, name), 'format');
  const pieces = format.match(/([A-Za-z])\1*|[^A-Za-z]+/g) ?? [];
  const odd = pieces.find(
    (piece) => !Object.hasOwn(specifiers, piece) && !/^f{1,7}$/.test(piece) && !/^[-/:,. _[\]]+$/.test(piece),
  );
  if (odd !== undefined) throw unsupported('format', odd);
  return {
    type: 'string',
    evaluate: (row, run) => {
      const ticks = time.evaluate(row, run);
      if (typeof ticks !== 'bigint') return '';
      const date = dateOfTicks(ticks);
      const fraction = (ticks % ticksPer.second).toString().padStart(7, '0');
      return pieces
        .map((piece) => {
          const number = specifiers[piece]?.(date);
          if (number !== undefined) return String(number).padStart(piece.length, '0');
          return piece.startsWith('f') ? fraction.slice(0, piece.length) : piece;
        })
        .join('');
    },
  };
};
