import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What takes values and gives values: no Azure, no Node, no clock, no chance (docs/architecture.md). */
const core = [
  'shared/{model,exposure,evaluate,drift,lifecycle,policy,ip-range,resource-id,rows,schedule,identity,text,seconds,views}.ts',
  'shared/judging/{az-command,connections,evidence,first-seen,public-access,context}.ts',
  'shared/lifecycle/{transitions,outcome,fold,authors,finding-rows,approve,server-state}.ts',
  'shared/asking/{request,actor}.ts',
  'shared/{rules,families,network,policy}/**',
];
const outside = ['@azure/*', 'node:*', '!node:crypto', '**/azure/*', '**/state/*', '**/sinks/*'];

export default defineConfig(
  { ignores: ['dist/', 'out/', 'node_modules/', '**/*.mjs'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: core,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: outside, message: 'The core takes values only.' }] },
      ],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'console'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument.' },
        { object: 'Math', property: 'random', message: 'Chance is an argument.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is an argument.',
        },
      ],
    },
  },
  {
    files: ['shared/state/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='upsertEntity']",
          message: 'It ignores the ETag.',
        },
      ],
    },
  },
);
