import { type Figure, isMet } from './figures.ts';

const HEADINGS = ['figure', 'where', 'value', 'floor', 'ratio', 'target', 'met', 'runs'];

/** The figures as an aligned table in Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    figure.where,
    `${number(figure.value)} ${figure.unit}`,
    figure.floor === null ? '-' : number(figure.floor),
    figure.floor === null ? '-' : number(figure.value / figure.floor),
    targetOf(figure),
    { true: 'yes', false: 'NO', undefined: '-' }[String(isMet(figure))] ?? '-',
    String(figure.runs),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function targetOf({ target }: Figure): string {
  if (target === null) return '-';
  return 'atMost' in target ? `<= ${number(target.atMost)}` : `>= ${number(target.atLeast)}`;
}

/** Three significant digits below 1,000, whole numbers above. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
