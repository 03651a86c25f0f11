import { commandLines, remedyOf } from './remedy.ts';
import type { FindingView } from './report-data.ts';
import { SEVERITY_STYLES, styled } from './terminal-colour.ts';
import { plain } from './terminal-text.ts';
import { actorWords, familyWords, numberWords, timeWords } from './words.ts';

/**
 * One transition of a finding for live output, in a few lines: what changed, by whom, from how many public addresses
 * to how many, how to undo it. Commands stand on lines of their own and are never cut.
 */
export function findingLine(
  view: FindingView,
  { colour }: { readonly colour: boolean } = { colour: false },
): string {
  const badge = styled(view.severity.toUpperCase(), SEVERITY_STYLES[view.severity], colour);
  const server = `${plain(view.serverName, 80)} (${plain(familyWords(view.serverFamily), 40)})`;
  const lines = [`${badge} ${transition(view)}: ${server}: ${plain(view.summary, 400)}`];
  const facts = [author(view), addresses(view)].filter((fact) => fact !== '');
  if (facts.length > 0) lines.push(`  ${facts.join(' ')}`);
  return [...lines, ...ending(view)].join('\n');
}

const UPDATES: ReadonlyMap<string, string> = new Map([
  ['FirstSeen', 'Found'],
  ['Updated', 'Updated'],
  ['Widened', 'Widened'],
  ['Narrowed', 'Narrowed'],
  ['ExemptionEnded', 'Exemption ended'],
  ['ExemptionOutgrown', 'Exemption outgrown'],
]);

function transition({ state, reason }: FindingView): string {
  if (state === 'Resolved') return reason === '' ? 'Resolved' : `Resolved (${plain(reason, 40)})`;
  if (state === 'Exempted') return 'Exempted';
  return UPDATES.get(reason) ?? 'Opened';
}

function author(view: FindingView): string {
  const when = view.changedAt === null ? '' : ` at ${timeWords(view.changedAt)}`;
  return `Changed by: ${plain(actorWords(view), 120)}${when}.`;
}

function addresses({ publicAddresses, publicAddressesBefore }: FindingView): string {
  if (publicAddresses === undefined) return '';
  const now = numberWords(publicAddresses);
  if (publicAddressesBefore === undefined) return `Public addresses: ${now}.`;
  return `Public addresses: ${numberWords(publicAddressesBefore)} -> ${now}.`;
}

function ending(view: FindingView): readonly string[] {
  if (view.state === 'Resolved') return [];
  if (view.resolvesAfter !== null) {
    return [`  Looks fixed: resolves when a reading after ${timeWords(view.resolvesAfter)} agrees.`];
  }
  const { fix, command } = remedyOf(view.remediation);
  return [
    ...(fix === '' ? [] : [`  Undo: ${plain(fix, 400)}`]),
    ...commandLines(command).map((line) => `    ${plain(line, 4_000)}`),
  ];
}
