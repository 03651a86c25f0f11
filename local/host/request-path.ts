/**
 * The path of a request target as the Functions host routes it: percent-decoded but for `%2F`, then without `.` and
 * `..` segments. Bytes that are no UTF-8 stay encoded. Undefined where the path holds a NUL.
 */
export function decodePath(rawPath: string): string | undefined {
  const decoded = rawPath.replace(/(?:%[0-9a-fA-F]{2})+/g, decodeRun);
  return decoded.includes('\0') ? undefined : resolveDots(decoded);
}

function decodeRun(run: string): string {
  return run
    .split(/(%2[fF])/)
    .map((part) => (/^%2f$/i.test(part) ? part : decodeText(part)))
    .join('');
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function resolveDots(path: string): string {
  const parts = path.split('/');
  const kept: string[] = [];
  for (const [i, part] of parts.entries()) {
    if (part !== '.' && part !== '..') {
      kept.push(part);
      continue;
    }
    if (part === '..' && kept.length > 1) kept.pop();
    if (i === parts.length - 1) kept.push('');
  }
  return kept.join('/');
}
