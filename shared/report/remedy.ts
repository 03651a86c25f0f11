export interface Remedy {
  /** What to do, in a sentence. */
  readonly fix: string;
  /** The `az` commands that do it, one a line; empty where there are none. */
  readonly command: string;
}

/** Takes the `az` command off the end of a finding's remediation. */
export function remedyOf(remediation: string): Remedy {
  const start = /(?:^|[\s`])az [a-z]/.exec(remediation);
  if (!start) return { fix: remediation.trim(), command: '' };
  const at = start.index + start[0].indexOf('az ');
  const fix = remediation.slice(0, at).replace(/[\s`]+$/, '');
  return { fix: fix.trim(), command: remediation.slice(at).replace(/[\s`]+$/, '') };
}

/**
 * The lines of a command. A line feed that is not followed by another command or a comment stays inside its line,
 * where it is shown as an escape: no name with a line feed in it becomes a command of its own.
 */
export function commandLines(command: string): readonly string[] {
  return command === '' ? [] : command.split(/\r?\n(?=az [a-z]|# )/);
}
