import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { DocumentAnswers } from '../../src/editor/answers/document-answers';
import { open } from './editor';

/** One question, to be answered by the test. */
interface Question {
  readonly signal: AbortSignal;
  readonly answer: (text: string) => void;
  readonly fail: (error: Error) => void;
}

/** Answers that the test gives, when it wants. */
class TestAnswers extends DocumentAnswers<string> {
  readonly questions: Question[] = [];
  override readonly start = super.start.bind(this);
  override readonly request = super.request.bind(this);
  override readonly forget = super.forget.bind(this);

  protected override ask(_document: vscode.TextDocument, signal: AbortSignal): Promise<string> {
    return new Promise((answer, fail) => this.questions.push({ signal, answer, fail }));
  }
}

describe('answers about documents', () => {
  const log = vscode.window.createOutputChannel('Test', { log: true });
  let answers: TestAnswers;
  let document: vscode.TextDocument;
  beforeEach(async () => {
    answers = new TestAnswers(log);
    ({ document } = await open('a'));
  });
  afterEach(async () => {
    answers.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(() => log.dispose());

  it('who waits for a request that is overtaken is told what the one after it is answered', async () => {
    const waiting = answers.request(document);
    answers.start(document);
    const [first, second] = answers.questions;
    assert.deepEqual([first?.signal.aborted, second?.signal.aborted], [true, false]);
    first?.answer('too late');
    second?.answer('in time');
    assert.deepEqual(await waiting, { kind: 'done', version: document.version, answer: 'in time' });
    assert.equal(answers.isBusy(document), false);
  });

  it('who waits is told of a failure, and of nothing where the document is given up', async () => {
    const failing = answers.request(document);
    answers.questions[0]?.fail(new Error('no engine'));
    assert.deepEqual(await failing, { kind: 'failed', reason: 'no engine' });
    const waiting = answers.request(document);
    answers.forget(document);
    assert.equal(answers.questions[1]?.signal.aborted, true);
    assert.equal(await waiting, undefined);
  });

  it('who waits is answered though the document gets another language', async () => {
    const waiting = answers.request(document);
    await vscode.languages.setTextDocumentLanguage(document, 'python');
    const [first, second] = answers.questions;
    assert.deepEqual([first?.signal.aborted, second?.signal.aborted], [true, false]);
    second?.answer('in Python');
    assert.deepEqual(await waiting, { kind: 'done', version: document.version, answer: 'in Python' });
  });

  it('an answer to an earlier version is kept apart from that to this one', async () => {
    const waiting = answers.request(document);
    answers.questions[0]?.answer('to a');
    await waiting;
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 1), 'b'));
    assert.equal(answers.of(document), undefined);
    const earlier = answers.latest(document);
    assert.equal(earlier?.kind === 'done' && earlier.answer, 'to a');
  });
});
