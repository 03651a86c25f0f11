export { checkBicep } from './check.ts';
export type { Problem } from './check.ts';
export { type Literal, literalOf } from './literal.ts';
export { API_VERSIONS } from './names.ts';
export { nodesOf, parseBicep, partsOf, propertiesOf } from './parse.ts';
export { bodyOf, templateOf } from './template.ts';
export type { Declaration, Template } from './template.ts';
