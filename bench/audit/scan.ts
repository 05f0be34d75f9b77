import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findingOf } from '../../src/core/findings/find';
import { Fingerprints } from '../../src/core/findings/fingerprint';
import { MANIFEST_FILE } from '../../src/core/model/manifest';
import { languageOfFile } from '../../src/core/sources/comments/languages';
import { LineIndex } from '../../src/core/sources/line-index';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { isFinding } from '../../src/core/tasks/describe';
import type { Engine } from '../../src/engine/engine';
import { readSource } from '../../src/cli/classify/read-source';
import { KEYWORD_RULE } from '../keyword-rule';
import { FILES } from '../paths';
import { shuffled } from '../statistics';
import { isHandWritten, isSourceFile } from '../texts';
import type { AuditedFinding, AuditedPackage } from './findings';
import type { InstalledPackage } from './packages';

/** Source files of one package that are read at most, so that a few large packages do not make up all of the findings. */
const FILES_OF_A_PACKAGE = 150;

/** Lines before a comment and behind its first line that its reader sees. */
const CONTEXT = { before: 3, behind: 12 } as const;

/** A finding with what its reader needs, none of which is published. */
export interface FoundText {
  readonly finding: AuditedFinding;
  readonly text: string;
  /** Lines of the file around it. */
  readonly context: string;
}

/** What a package came to. */
export interface ScannedPackage {
  readonly facts: AuditedPackage;
  readonly found: readonly FoundText[];
}

/**
 * Classifies the comments of a package's source files as the extension does out of the box. A text that the package repeats counts once.
 * @param name "npm acorn 8.15.0".
 */
export async function scanPackage(name: string, { root, files }: InstalledPackage, engine: Engine, maxDisagreement: number, seed: number): Promise<ScannedPackage> {
  const chosen = shuffled(files.filter((file) => isSourceFile(path.basename(file))).sort(), seed).filter(isHandWritten).slice(0, FILES_OF_A_PACKAGE);
  const seen = new Set<string>();
  const found: FoundText[] = [];
  for (const file of chosen) {
    const source = readSource(file);
    const language = languageOfFile(file);
    if ('fault' in source || !language) {
      continue;
    }
    const { snippets } = await engine.findComments({ source: source.text, language: language.id });
    const fresh = snippets.filter(({ text }) => !seen.has(text) && seen.add(text));
    const decisions = await engine.classify({ task: COMMENT_DEBT.id, texts: fresh.map(({ text }) => text), policy: { kind: 'promise', maxDisagreement }, priority: 'scan' });
    const inFile = path.relative(root, file).split(path.sep).join('/');
    const [lines, fingerprints] = [new LineIndex(source.text), new Fingerprints(inFile)];
    for (const [index, snippet] of fresh.entries()) {
      const decision = decisions[index];
      if (decision && isFinding(COMMENT_DEBT, decision)) {
        const { text, start, decision: { label, findingConfidence, exit } } = findingOf(snippet, decision, lines, fingerprints);
        const finding = { package: name, path: inFile, line: start.line + 1, sha256: sha256(text), label, findingConfidence: Number(findingConfidence.toFixed(4)), exit, keyword: KEYWORD_RULE.test(text) };
        found.push({ finding, text, context: linesAround(source.text, start.line) });
      }
    }
  }
  return { facts: { name, files: chosen.length, comments: seen.size, findings: found.length }, found };
}

function linesAround(source: string, line: number): string {
  return source.split(/\r\n|\n|\r/u).slice(Math.max(0, line - CONTEXT.before), line + CONTEXT.behind).join('\n');
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What identifies the model package that ships. */
export async function describeModel(engine: Engine): Promise<{ readonly name: string; readonly version: string; readonly sha256: string }> {
  const { name, version } = await engine.describe();
  return { name, version, sha256: shippedModel() };
}

/** The SHA-256 of the manifest of the model package that ships. */
export function shippedModel(): string {
  return sha256(readFileSync(path.join(FILES.model, MANIFEST_FILE)));
}

/** Whether the model package that ships names a package among the sources of its training or calibration, in whatever version. */
export function isKnownToModel(registry: string, name: string): boolean {
  return readFileSync(path.join(FILES.model, MANIFEST_FILE), 'utf8').toLowerCase().includes(`"${registry} ${name} `.toLowerCase());
}
