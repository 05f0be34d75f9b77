import * as l10n from '@vscode/l10n';
import { getL10nJson, getL10nPseudoLocalized, type l10nJsonFormat } from '@vscode/l10n-dev';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import bundle from '../../l10n/bundle.l10n.json';
import { describePromise } from '../../src/core/exits/promise';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { describeDecision } from '../../src/core/tasks/describe';
import { ChildEngine } from '../../src/engine/child-engine';
import { engineFiles } from '../../src/engine/files';

const ROOT = path.resolve(__dirname, '../..');
const DECISION = { label: 'design', labels: ['design'], confidence: 0.512, findingConfidence: 0.812, exit: 2, lastExit: 3 };

/** Translations as a translator would hand them in. */
function pseudo(): l10nJsonFormat {
  return getL10nPseudoLocalized(structuredClone(bundle));
}

/**
 * Texts of two words or more in a source that are not handed to `l10n.t`. The log, mark-up and what a language model is told stay in English.
 */
function untranslated(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const translated = ts.isCallExpression(node) && /\bl10n\.t$|\blog\.\w+$/u.test(node.expression.getText());
    const forModels = ts.isNewExpression(node) && node.expression.getText() === 'Error' && file.includes('language-model');
    if (translated || forModels) {
      return;
    }
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && /\p{L}{2,}[,:;.]? \p{L}{2,}/u.test(node.text) && !node.text.includes('<')) {
      found.push(`${file}: ${node.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('localization', () => {
  afterEach(() => l10n.config({ contents: {} }));

  it('exports every string: after a change run "npm run l10n"', async () => {
    const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const exported = await getL10nJson(sources.map((file) => ({ extension: '.ts', contents: readFileSync(path.join(ROOT, 'src', file), 'utf8') })));
    assert.deepEqual(bundle, exported);
  });

  it('covers all that src/editor shows', () => {
    const files = readdirSync(path.join(ROOT, 'src/editor'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    assert.deepEqual(files.flatMap((file) => untranslated(path.join('src/editor', file))), []);
  });

  it('reaches what src/core says, though it was loaded before the language was known', () => {
    const english = [describeDecision(COMMENT_DEBT, DECISION), COMMENT_DEBT.labels['design']?.description, describePromise({ kind: 'full' })];
    assert.equal(english[0], 'Design debt, 81% sure, left at exit 2 of 3');
    l10n.config({ contents: pseudo() });
    const translated = [describeDecision(COMMENT_DEBT, DECISION), COMMENT_DEBT.labels['design']?.description, describePromise({ kind: 'full' })];
    translated.forEach((text, index) => assert.notEqual(text, english[index]));
    assert.match(translated[0] ?? '', /81%.*2.*3/u);
  });

  it("reaches what the engine's process says", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'glance-l10n-'));
    const translations = path.join(folder, 'bundle.l10n.qps-ploc.json');
    writeFileSync(translations, JSON.stringify(pseudo()));
    // Without a model package.
    const engine = new ChildEngine(path.join(ROOT, 'dist/engine.js'), engineFiles(ROOT, folder), { translations });
    try {
      await assert.rejects(engine.findComments({ source: '', language: 'klingon' }), (error: Error) => {
        l10n.config({ contents: pseudo() });
        const id = 'klingon';
        assert.equal(error.message, l10n.t('Glance does not know how comments are written in the language "{0}".', id));
        return !error.message.startsWith('Glance does');
      });
      await assert.rejects(engine.describe(), (error: Error) => {
        assert.equal(error.message, l10n.t('The model package in {0} cannot be used: {1} {2}.', folder, 'model.json', l10n.t('is not there')));
        return !error.message.includes('is not there');
      });
    } finally {
      await engine.dispose();
      rmSync(folder, { recursive: true });
    }
  });
});
