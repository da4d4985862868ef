/**
 * Puts modules of this project into one script for the page, so that the page decides, formats and draws
 * with the very code that made the report. Only what such modules use is understood: named imports of other
 * `.ts` files by relative path, and exported declarations.
 */

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** The script that runs `entry` (a path), its imports first. @throws Error on a module that cannot run in a browser */
export function bundle(entry: string, root: string): string {
  const done: string[] = [];
  const texts: string[] = [];
  const add = (path: string): void => {
    if (done.includes(path)) return;
    done.push(path);
    const { code, imports } = convert(path, root);
    for (const imported of imports) add(imported);
    texts.push(code);
  };
  add(entry);
  return `'use strict';\nconst modules = {};\n${texts.join('')}`;
}

function nameOf(path: string, root: string): string {
  return relative(root, path).replaceAll('\\', '/');
}

function convert(path: string, root: string): { code: string; imports: string[] } {
  const name = nameOf(path, root);
  const imports: string[] = [];
  const exported: string[] = [];
  const code = stripTypes(readFileSync(path, 'utf8').replaceAll('\r\n', '\n'))
    .replace(/^import\s*\{([^}]*)\}\s*from\s*'([^']+)';$/gm, (_, names: string, from: string) => {
      if (!from.startsWith('.')) throw new Error(`${name} imports ${from}, which no page has`);
      // What was a type is gone, and with it the need for its module.
      const wanted = names
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean);
      if (wanted.length === 0) return '';
      const target = join(dirname(path), from);
      imports.push(target);
      const parts = wanted.map((part) => part.replace(/\s+as\s+/, ': '));
      return `const { ${parts.join(', ')} } = modules[${JSON.stringify(nameOf(target, root))}];`;
    })
    .replace(
      /^export\s+((?:async\s+)?function\s+|const\s+|class\s+)(\w+)/gm,
      (_, kind: string, own: string) => {
        exported.push(own);
        return `${kind}${own}`;
      },
    );
  const left = /^(import|export)\b.*$/m.exec(code);
  if (left) throw new Error(`${name}: "${left[0]}" is more than a page's modules may do`);
  const lines = code.replace(/^\s*\/\*\*[\s\S]*?\*\/\s*$/gm, '').split('\n');
  const body = lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  return {
    code: `modules[${JSON.stringify(name)}] = (() => {\n${body.join('\n')}\nreturn { ${exported.join(', ')} };\n})();\n`,
    imports,
  };
}

/** Node marks this as experimental, with a warning that is not for the user of this program. */
function stripTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
