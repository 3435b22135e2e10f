import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist/**', 'node_modules/**'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue,js,mjs}'],
    languageOptions: { globals: { ...globals.browser, ...globals.node }, parserOptions: { parser: ts.parser } },
    rules: {
      'no-undef': 'off', // the type checker does this better
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/attributes-order': 'off',
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
    },
  },
  {
    // One catalogue: no Chinese in templates or code outside src/strings.
    files: ['src/**/*.{ts,vue}'],
    ignores: ['src/strings/**'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'Literal[value=/[\\u4e00-\\u9fff]/]', message: 'Sentences belong in src/strings.' }],
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['·', '/', ':', '–', '—', '×', '%', '+', '−', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'E', 'Enter', 'Esc', 'P', 'S', 'Z', 'H264', 'HLS', 'WHEP', 'WebRTC'] }],
    },
  },
  { files: ['dev/**'], rules: { 'no-console': 'off', complexity: 'off', '@typescript-eslint/no-empty-function': 'off' } },
)
