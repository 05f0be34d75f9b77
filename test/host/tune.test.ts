import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { describeAskedPromise, keepPromise, type PromiseTerms } from '../../src/core/exits/promise';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { COMMIT_TYPE } from '../../src/core/tasks/commit-type';
import { sampleToShow } from '../../src/core/tuning/outcome';
import { Settings } from '../../src/editor/settings';
import { Git } from '../../src/editor/commits/git';
import { sampleCommits } from '../../src/editor/tune/commit-sample';
import { COMMENTS } from '../../src/editor/tune/kinds';
import type { Sampling, TakeSample } from '../../src/editor/tune/sample';
import { sampleSections } from '../../src/editor/tune/section-sample';
import { showText } from '../../src/editor/tune/show-text';
import { TaskMeasurement } from '../../src/editor/tune/task-measurement';
import type { TaskView, TuneView, WorkspaceView } from '../../src/webview/tune/messages';
import manifest from '../../package.json';
import model from '../../models/glance-minilm/model.json';
import { whyNoGit } from '../git-repository';
import { LAST_EXIT } from '../last-exit';
import { extensionPath, open, openExample, withSettings, withWindow } from './editor';
import { OpenRepositories } from './open-repositories';

const SHARES = manifest.contributes.configuration.properties['glance.maxDisagreement'].enum;

async function tune(options?: { measure: string }): Promise<TuneView> {
  const view = await vscode.commands.executeCommand<TuneView | undefined>('glance.tune', options);
  assert.ok(view);
  return view;
}

/** What the view says of a task. */
function taskOf({ tasks }: TuneView, id: string): TaskView {
  const task = tasks.find((each) => each.id === id);
  assert.ok(task);
  return task;
}

/** What measuring the workspace's texts of a task shows. */
async function measuring(task: string): Promise<WorkspaceView> {
  return taskOf(await tune({ measure: task }), task).workspace;
}

/** The same where there are texts. */
async function measured(task: string): Promise<Extract<WorkspaceView, { kind: 'measured' }>> {
  const workspace = await measuring(task);
  assert.ok(workspace.kind === 'measured', workspace.text);
  return workspace;
}

/**
 * A copy of the model package that promises what it cannot keep: at 10% everything leaves at exit 0, which is so unsure that of several labels that
 * may hold others hold than at the last exit.
 */
async function withRecklessModel(test: () => Promise<void>): Promise<void> {
  const copy = await mkdtemp(path.join(os.tmpdir(), 'glance-test-'));
  try {
    await cp(path.join(extensionPath(), 'models/glance-minilm'), copy, { recursive: true });
    const file = path.join(copy, 'model.json');
    const reckless = JSON.parse(await readFile(file, 'utf8')) as { tasks: { temperatures: number[]; promise: { levels: { certainty: number }[] } }[] };
    for (const { promise, temperatures } of reckless.tasks) {
      const last = promise.levels.at(-1);
      assert.ok(last);
      last.certainty = 1e-9;
      temperatures[0] = 1000;
    }
    await writeFile(file, JSON.stringify(reckless));
    await withSettings({ modelPath: copy }, test);
  } finally {
    await rm(copy, { recursive: true });
  }
}

function tabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('glance.tune'));
}

/** The first folder of the workspace. */
function folder(): vscode.Uri {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first);
  return first.uri;
}

describe('Glance: Tune', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens one view, with the levels of the setting and their promises in words @newest', async () => {
    const { levels, inUse, tasks } = await tune();
    await openExample('inventory.ts');
    await tune();
    assert.equal(tabs().length, 1);
    assert.deepEqual(levels, SHARES.map((percent) => ({ share: percent / 100, label: `${percent}%` })));
    const terms = model.tasks as readonly unknown[] as readonly PromiseTerms[];
    assert.deepEqual(tasks.map(({ promises }) => promises), terms.map((task) => levels.map(({ share }) => describeAskedPromise(share, keepPromise(share, task)))));
    assert.equal(SHARES[inUse], manifest.contributes.configuration.properties['glance.maxDisagreement'].default);
  });

  it('has a choice among the kinds of text, each asked for in its words', async () => {
    assert.deepEqual((await tune()).tasks.map(({ title, question }) => [title, question]), [
      ['Comments', 'Findings that may differ'],
      ['Commit messages', 'Answers that may differ'],
      ['Sections of Markdown documents', 'Answers that may differ'],
    ]);
  });

  it('shows what was measured of the package, task by task', async () => {
    const { tasks } = await tune();
    assert.deepEqual(tasks.map(({ id }) => id), model.tasks.map(({ id }) => id));
    tasks.forEach(({ package: { curve } }, index) => {
      const kept = model.tasks[index]?.quality.promise ?? [];
      assert.ok(curve);
      assert.deepEqual(curve.points.map(({ meanExit }) => meanExit), [curve.lastExit, ...kept.map(({ meanExit }) => meanExit)]);
      assert.deepEqual(curve.points.map(({ differs }) => differs), [0, ...kept.map(({ changed }) => changed)]);
    });
  });

  it('says which level is in use, where it is set, and what sets it aside', async () => {
    assert.match((await tune()).inUseText, /2%, the default/u);
    await withSettings({ maxDisagreement: 5, '[python].maxDisagreement': 1, 'exit.policy': 'entropy' }, async () => {
      const { inUse, inUseText, setAside } = await tune();
      assert.equal(SHARES[inUse], 5);
      assert.equal(inUseText, 'In use for all kinds of text: 5%, as you have set it. Another share is set for python.');
      assert.match(setAside, /glance\.exit\.policy is "entropy"/u);
    });
    await withSettings({ maxDisagreement: 3 }, async () => {
      const { inUse, setAside } = await tune();
      assert.deepEqual([SHARES[inUse], setAside], [2, '']);
    });
  });

  it('measures the workspace: nothing differs at full depth, and the more may, the sooner texts leave', async () => {
    const { curve, text, cautions } = await measured('comment-debt');
    assert.match(text, /^All \d+ distinct comments in \d+ files/u);
    assert.equal(curve.lastExit, LAST_EXIT);
    assert.deepEqual([curve.points[0]?.differs, curve.points[0]?.meanExit], [0, LAST_EXIT]);
    const exits = curve.points.map(({ meanExit }) => meanExit);
    assert.deepEqual(exits, [...exits].sort((a, b) => b - a));
    assert.ok((exits.at(-1) ?? LAST_EXIT) < LAST_EXIT);
    assert.equal(curve.rows.length, SHARES.length);
    const findings = Number(/of (\d+)$/u.exec(curve.rows[0]?.[1] ?? '')?.[1]);
    assert.ok(findings > 0);
    assert.deepEqual(cautions.map((caution) => /too small/u.test(caution)), SHARES.map((percent) => percent > 0 && findings < sampleToShow(percent / 100, 'none')));
    assert.equal(taskOf(await tune(), 'comment-debt').workspace.kind, 'measured');
  });

  it('measures open documents too, and neither what is excluded nor what is switched off', async () => {
    const filesOf = async (): Promise<number> => Number(/in (\d+) files/u.exec((await measured('comment-debt')).text)?.[1]);
    // Other tests may have left files behind.
    const saved = await filesOf();
    await open('// TODO: this is not saved yet\n');
    assert.equal(await filesOf(), saved + 1);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const files = vscode.workspace.getConfiguration('files');
    await files.update('exclude', { '**/report.py': true }, vscode.ConfigurationTarget.Global);
    const ignoring = vscode.Uri.joinPath(folder(), '.gitignore');
    try {
      assert.equal(await filesOf(), saved - 1);
      await writeFile(ignoring.fsPath, 'PriceList.java\n');
      assert.equal(await filesOf(), saved - 2);
      await withSettings({ '[c].comments.run': 'never' }, async () => assert.equal(await filesOf(), saved - 3));
    } finally {
      await files.update('exclude', undefined, vscode.ConfigurationTarget.Global);
      await rm(ignoring.fsPath, { force: true });
    }
  });

  it('lists the texts whose answer would change, until another model answers', async () => {
    await withRecklessModel(async () => {
      const { curve, examples } = await measured('comment-debt');
      const shown = examples.at(-1)?.shown ?? [];
      assert.ok(shown.length > 0 && curve.points.at(-1)?.meanExit === 0);
      assert.equal(curve.rows.at(-1)?.[1], `${shown.length} of ${/(\d+)$/u.exec(curve.rows.at(-1)?.[1] ?? '')?.[1]}`);
      for (const { text, change, place } of shown) {
        assert.ok(text.length > 0);
        assert.match(change, /^(?:added|lost|relabelled): (?:No|\w+) debt, in full (?:No|\w+) debt$/u);
        assert.match(place, /^\w+\.\w+:\d+$/u);
      }
    });
    assert.equal(taskOf(await tune(), 'comment-debt').workspace.kind, 'none');
  });

  it('says so where there is nothing to measure, and what to do', async () => {
    await withSettings({ 'comments.run': 'never' }, async () => {
      const workspace = await measuring('comment-debt');
      assert.equal(workspace.kind, 'none');
      assert.match(workspace.text, /no comments.*Open a folder/u);
    });
    const commits = await measuring('commit-type');
    assert.equal(commits.kind, 'none');
    assert.match(commits.text, /no Git repository here: open a folder with one/u);
    const files = vscode.workspace.getConfiguration('files');
    await files.update('exclude', { '**/*.md': true }, vscode.ConfigurationTarget.Global);
    try {
      const sections = await measuring('doc-section');
      assert.equal(sections.kind, 'none');
      assert.match(sections.text, /no Markdown files.*Open a folder that has some/u);
    } finally {
      await files.update('exclude', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  describe('for documents', () => {
    /** Longer than the example that stands for it. */
    const LONG = `# Usage\n\nRun it with care, and then run it again${' and again'.repeat(40)}.\n`;
    const file = (): vscode.Uri => vscode.Uri.joinPath(folder(), 'NOTES.md');

    before(() => writeFile(file().fsPath, `${LONG}\n# Licence\n\nMIT\n`));
    after(() => rm(file().fsPath, { force: true }));

    it('measures the sections of Markdown files and open documents, several labels as one answer @newest', async () => {
      const sectionsOf = async (): Promise<number> => Number(/^All (\d+) distinct sections in \d+ files?/u.exec((await measured('doc-section')).text)?.[1]);
      const saved = await sectionsOf();
      assert.ok(saved > 2);
      await open('# Not saved yet\n\nIt is new.\n', 'markdown');
      assert.equal(await sectionsOf(), saved + 1);
      const { curve } = await measured('doc-section');
      assert.equal(curve.across, 'answers that differ');
      assert.equal(curve.rows[0]?.[1], `0 of ${saved + 1}`);
      assert.equal(curve.summaries[0]?.startsWith('At full depth nothing differs.'), true);
    });

    it('lists those whose answer would change by their beginnings', async () => {
      await withRecklessModel(async () => {
        const { examples } = await measured('doc-section');
        const { heading, shown } = examples.at(-1) ?? { heading: '', shown: [] };
        assert.ok(shown.length > 0);
        assert.equal(heading, 'Sections whose answer would change');
        for (const { text, change, place } of shown) {
          assert.ok(text.length <= 201 && !text.includes('\n') && !text.includes('[SEP]'), text);
          assert.match(change, /^\w+(?: \+ \w+)*, in full \w+(?: \+ \w+)*$/u);
          assert.match(place, /^\w+\.md:\d+$/u);
        }
      });
    });

    it('opens a section where it stands, and survives a file that is gone', async () => {
      const settings = new Settings();
      // Sections are cut without the engine.
      const sampling = { settings } as Sampling;
      const sample = await sampleSections(sampling, new AbortController().signal, () => undefined);
      settings.dispose();
      assert.ok('texts' in sample);
      const usage = sample.texts.find(({ place }) => place === 'NOTES.md:1');
      assert.ok(usage);
      await showText(usage);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.getText(editor.selection), LONG.trimEnd());
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      const told: unknown[] = [];
      await withWindow({ showWarningMessage: (message: unknown) => void told.push(message) }, () => showText({ open: () => Promise.reject(new Error('It is gone.')) }));
      assert.deepEqual(told, ['It is gone.']);
    });
  });

  describe('for commits', () => {
    let repositories: OpenRepositories | undefined;

    before(async function () {
      const reason = whyNoGit();
      if (reason) {
        process.stdout.write(`      skipped: ${reason}\n`);
        this.skip();
      }
      repositories = await OpenRepositories.start();
      await repositories.open([
        ['feat: add the knob', 'src/knob.ts'],
        ['mend the crash when the list of items is empty', 'src/list.ts'],
        ['say how to install it', 'README.md'],
        ['fixup! feat: add the knob', 'src/knob.ts'],
        ['wip', 'src/knob.ts'],
      ]);
    });
    after(() => repositories?.end());

    it('measures the last commits that say enough, by message and kinds of files @newest', async () => {
      const { text, curve, cautions } = await measured('commit-type');
      assert.match(text, /^All 3 distinct commits of shop, without merges, measured at/u);
      assert.equal(curve.rows[0]?.[1], '0 of 3');
      assert.match(curve.summaries.at(-1) ?? '', /^\d of 3 answers would differ \(\d+\.\d%\)\. Of all answers for texts like these/u);
      assert.match(cautions.at(-1) ?? '', /too small .* it has 3 answers/u);
    });

    it('reads the kinds of their files, knows them by their subjects, and opens what they change @newest', async () => {
      const sample = await sampleCommits({ git: new Git({} as vscode.LogOutputChannel) } as Sampling, new AbortController().signal, () => undefined);
      assert.ok('texts' in sample);
      assert.deepEqual(sample.texts.map(({ excerpt }) => excerpt), ['say how to install it', 'mend the crash when the list of items is empty', 'feat: add the knob']);
      assert.deepEqual(sample.texts.map(({ text }) => text), [
        COMMIT_TYPE.prepare({ text: 'say how to install it', paths: ['README.md'] }),
        COMMIT_TYPE.prepare({ text: 'mend the crash when the list of items is empty', paths: ['src/list.ts'] }),
        // The first commit has nothing to be compared with.
        COMMIT_TYPE.prepare({ text: 'feat: add the knob' }),
      ]);
      for (const text of sample.texts) {
        await showText(text);
        const hash = text.place.split(' ').at(-1) ?? '';
        const label = vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? '';
        assert.ok(label.includes(hash), label);
      }
    });
  });
});

describe('the measurement of a task', () => {
  const told: string[] = [];
  const measurementWith = (sample: TakeSample): TaskMeasurement => {
    const log = { error: (message: string) => void told.push(message) } as unknown as vscode.LogOutputChannel;
    return new TaskMeasurement(COMMENT_DEBT, { ...COMMENTS, sample }, { log } as Sampling, () => undefined);
  };
  beforeEach(() => told.splice(0));

  it('runs once at a time, and is cancelled without a word', async () => {
    let samples = 0;
    const measurement = measurementWith((_, signal, onFound) => {
      samples += 1;
      onFound(3, 10);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const run = measurement.run();
    await measurement.run();
    assert.deepEqual([samples, measurement.state], [1, { kind: 'running', progress: { step: 'finding', done: 3, total: 10 } }]);
    measurement.cancel();
    await run;
    assert.deepEqual([measurement.state, told], [{ kind: 'none' }, []]);
  });

  it('says why there is nothing, or what went wrong', async () => {
    const empty = measurementWith(() => Promise.resolve({ reason: 'There is nothing.' }));
    await empty.run();
    assert.deepEqual(empty.state, { kind: 'none', reason: 'There is nothing.' });
    const broken = measurementWith(() => Promise.reject(new Error('Git is gone.')));
    await broken.run();
    assert.deepEqual([broken.state, told], [{ kind: 'none', reason: 'They could not be measured: Git is gone.' }, ['Tune: Git is gone.']]);
  });
});

describe('the share that may differ', () => {
  it('is set for the user or the workspace, and told with where it is set', async () => {
    const settings = new Settings();
    const inspect = (): readonly unknown[] => {
      const { globalValue, workspaceValue } = vscode.workspace.getConfiguration('glance').inspect('maxDisagreement') ?? {};
      return [globalValue, workspaceValue, settings.shareInUse.share, settings.shareInUse.setIn];
    };
    try {
      assert.deepEqual(inspect(), [undefined, undefined, 0.02, 'default']);
      await settings.setShare(0.005, 'user');
      assert.deepEqual(inspect(), [0.5, undefined, 0.005, 'user']);
      await settings.setShare(0.1, 'workspace');
      assert.deepEqual(inspect(), [0.5, 10, 0.1, 'workspace']);
    } finally {
      for (const target of [vscode.ConfigurationTarget.Global, vscode.ConfigurationTarget.Workspace]) {
        await vscode.workspace.getConfiguration('glance').update('maxDisagreement', undefined, target);
      }
      settings.dispose();
    }
  });
});
