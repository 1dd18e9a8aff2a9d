// Checks dashboards against the types of @grafana/schema, of the oldest and of the newest version
// of Grafana that they are for.
//
//   node check.mjs DASHBOARD.json...
//
// Prints one line for each thing that does not fit. Exit status 0 if all fit, 1 if one does not, 2
// if it could not look.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const HERE = dirname(fileURLToPath(import.meta.url));

export const VERSIONS = ['10', '13'];

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
};

/**
 * What does not fit, a line each.
 *
 * @param version a Grafana's major version
 * @param dashboards the JSON of each under its name
 */
export function check(version, dashboards) {
  const folder = join(HERE, `grafana-${version}`);
  const types = join(folder, 'dashboard.ts');
  const files = new Map([[types, readFileSync(join(HERE, 'dashboard.ts'), 'utf8')]]);
  for (const [name, json] of dashboards) {
    // A literal, because an imported JSON file has lost which words its strings are. All on the
    // first line, so that line numbers are those of the dashboard.
    const before = "import type { Dashboard } from './dashboard'; export const dashboard: Dashboard = ";
    files.set(join(folder, `${name}.ts`), `${before}${json};`);
  }
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) =>
    files.has(path)
      ? ts.createSourceFile(path, files.get(path), OPTIONS.target)
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map((found) => line(version, found));
}

function line(version, { file, start, messageText }) {
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  const place = file
    ? `${basename(file.fileName, '.ts')}:${file.getLineAndCharacterOfPosition(start).line + 1}`
    : 'no file';
  return `${place}: Grafana ${version}: ${message}`;
}

function main(paths) {
  if (paths.length === 0) {
    console.error('usage: node check.mjs DASHBOARD.json...');
    return 2;
  }
  const dashboards = paths.map((path) => [basename(path), readFileSync(path, 'utf8')]);
  const found = VERSIONS.flatMap((version) => check(version, dashboards));
  found.forEach((problem) => console.log(problem));
  return found.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv.slice(2));
}
