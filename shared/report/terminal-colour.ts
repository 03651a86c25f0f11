import type { Reach } from '../exposure.ts';
import type { Severity } from '../model.ts';

export type Style = 'red' | 'magenta' | 'yellow' | 'blue' | 'green' | 'grey' | 'bold';

const CODES: Readonly<Record<Style, string>> = {
  red: '31',
  magenta: '35',
  yellow: '33',
  blue: '34',
  green: '32',
  grey: '90',
  bold: '1',
};

/** Colours always stand beside a word that says the same. */
export const REACH_STYLES: Readonly<Record<Reach, Style>> = {
  internet: 'red',
  azure: 'red',
  wide: 'yellow',
  listed: 'blue',
  private: 'green',
  none: 'grey',
  unknown: 'magenta',
};

export const SEVERITY_STYLES: Readonly<Record<Severity, Style>> = {
  Critical: 'red',
  High: 'red',
  Medium: 'yellow',
  Low: 'blue',
  Informational: 'grey',
};

/** The text in a style, or as it is where colours are off. */
export function styled(text: string, style: Style | undefined, colour: boolean): string {
  return colour && style ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}
