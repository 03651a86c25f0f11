import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Throws one line where the file cannot be written, before the scan rather than after it. */
export function checkOut(file: string | undefined): void {
  if (file === undefined) return;
  try {
    const present = statSync(file, { throwIfNoEntry: false });
    if (file === '' || present?.isDirectory()) throw new Error('no file');
    accessSync(present ? file : dirname(file), constants.W_OK);
  } catch {
    throw new Error(`--out ${file}: the file cannot be written.`);
  }
}

/** Writes a report to a file, or to standard output. */
export function write(text: string, file: string | undefined): void {
  if (file === undefined) process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  else writeFileSync(file, text);
}
