export { type LivePolicy, policyOf } from './policy/apply.ts';
export { contentOf, RANGE_RULES } from './policy/content.ts';
export { type ParseResult, parsePolicy } from './policy/parse.ts';
export type { Exemption, ParsedPolicy, ServerEntry } from './policy/parsed-policy.ts';
export { policyJsonSchema } from './policy/schema.ts';
export {
  DEFAULT_SETTINGS,
  DEFAULT_WIDTHS,
  type ProfileName,
  type RuleSettings,
  serverPolicy,
  type ServerPolicy,
  type Widths,
} from './policy/server-policy.ts';
