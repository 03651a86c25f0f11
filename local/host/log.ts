import type { LogLevel } from './core-api.ts';

/** Takes one message of the host, or of the function that is named. */
export type HostLog = (level: LogLevel, message: string, functionName?: string) => void;

const SHOWN: readonly LogLevel[] = ['information', 'warning', 'error', 'critical'];

/** A log of whole lines, from the level information up, without the control characters that a terminal would obey. */
export function lineLog(write: (line: string) => void): HostLog {
  return (level, message, functionName) => {
    if (!SHOWN.includes(level)) return;
    const source = functionName === undefined ? '' : `[${functionName}] `;
    const weight = level === 'information' ? '' : `${level}: `;
    write(printable(source + weight + message));
  };
}

/** Line breaks and tabs stay; every other control character is written as its number. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
