import type { IpRange } from '../ip-range.ts';
import type { Severity } from '../model.ts';
import type { ProfileName, RuleSettings, Widths } from './server-policy.ts';

export interface Defaults extends Widths {
  readonly profile: ProfileName;
}

/** What holds for the servers that match; the first entry that does wins. */
export interface ServerEntry {
  /** All that is given has to match; lower-cased but for the values of tags. */
  readonly match: {
    readonly id?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly subscription?: string;
    readonly resourceGroup?: string;
  };
  /** The defaults with what the entry sets. */
  readonly sets: Defaults;
}

/** An accepted finding, with the content that was accepted. */
export interface Exemption {
  readonly rule: string;
  /** Lower-cased, with `*`. */
  readonly server: string;
  /** Lower-cased; null: any subject. */
  readonly subject: string | null;
  /** Merged; null: this rule has no ranges. */
  readonly ranges: readonly IpRange[] | null;
  /** The gravest severity that is covered; null: any. */
  readonly severity: Severity | null;
  readonly reason: string;
  readonly owner: string;
  /** As the file writes it. */
  readonly expires: string;
  /** The first moment at which it covers nothing any more, in milliseconds since 1970. */
  readonly endsAt: number;
}

/** A valid policy file, with the built-in defaults for what it leaves out. */
export interface ParsedPolicy {
  readonly defaults: Defaults;
  /** Merged. */
  readonly approvedRanges: readonly IpRange[];
  /** Lower-cased. */
  readonly approvedSubscriptions: readonly string[];
  readonly servers: readonly ServerEntry[];
  readonly disabledRules: readonly string[];
  readonly settings: RuleSettings;
  readonly exemptions: readonly Exemption[];
}
