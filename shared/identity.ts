import { hash } from 'node:crypto';

/** Key of anything with a long or hostile name: 64 hexadecimal digits. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex');
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Identity of a finding: server, rule and subject, never time, text or severity. */
export function findingIdOf(serverId: string, ruleId: string, subject: string): string {
  const key = subject === serverId ? 'server' : subject;
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of hash('sha256', `v1|${serverId}|${ruleId}|${key}`, 'buffer')) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >>> bits) & 31] ?? '';
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) text += BASE32[(held << (5 - bits)) & 31] ?? '';
  return `f1_${text}`;
}

/** One sortable number a transition: Unix seconds of the record x 10^6 + its sequence number, below 2^53. */
export function epochSeqOf(epoch: number, seq: number): number {
  return epoch * 1_000_000 + seq;
}

const MAX_NAME = 260;

/** A name as it is kept: longer ones than Azure gives are cut and stay apart by their hash. */
export function boundedName(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, 200).toWellFormed()}~${hashOf(name).slice(0, 32)}`;
}
