import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { COMMIT_CHECKS } from '../../src/core/commits/verdict';
import { POLICY_CHOICES } from '../../src/core/exits/policy-choice';
import { OFFERED_SHARES } from '../../src/core/exits/promise';
import { LANGUAGES } from '../../src/core/sources/comments/languages';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { TASKS } from '../../src/core/tasks/tasks';
import { EXECUTION_PROVIDERS } from '../../src/engine/engine';
import manifest from '../../package.json';
import strings from '../../package.nls.json';
import model from '../../models/glance-minilm/model.json';

const ROOT = path.resolve(__dirname, '../..');
const settings = manifest.contributes.configuration.properties;

/** What a string of the manifest, `%KEY%`, reads in English. */
function english(key: string): string {
  return (strings as Readonly<Record<string, string>>)[key.slice(1, -1)] ?? '';
}

describe('manifest of the extension', () => {
  it('activates for the languages whose comments can be found, for Markdown and commit messages, for a view that comes back, and for nothing else', () => {
    const languages = [...LANGUAGES.map(({ id }) => id), 'markdown', 'scminput', 'git-commit'];
    assert.deepEqual([...manifest.activationEvents].sort(), [...languages.map((id) => `onLanguage:${id}`), 'onWebviewPanel:glance.tune'].sort());
  });

  it('offers the policies that there are', () => {
    const { enum: names, enumDescriptions, default: byDefault } = settings['glance.exit.policy'];
    assert.deepEqual(names, [...POLICY_CHOICES]);
    assert.equal(enumDescriptions.length, names.length);
    assert.equal(byDefault, 'promise');
  });

  it('offers a severity for every label that a comment is reported with', () => {
    const { default: byDefault, properties } = settings['glance.comments.severity'];
    const labels = Object.keys(COMMENT_DEBT.labels).filter((label) => label !== COMMENT_DEBT.silentLabel);
    assert.deepEqual(Object.keys(byDefault), labels);
    assert.deepEqual(Object.keys(properties), labels);
  });

  it('offers promises in percent, each with what it means', () => {
    const { enum: shares, enumDescriptions, default: byDefault } = settings['glance.maxDisagreement'];
    assert.deepEqual(enumDescriptions.slice(1).map((key) => 100 / Number(/1 in (\d+)/u.exec(english(key))?.[1])), shares.slice(1));
    assert.deepEqual(shares, OFFERED_SHARES.map((share) => 100 * share));
    assert.ok(shares.includes(byDefault));
  });

  it('promises by default what the shipped model package can keep without running all of the model', () => {
    const levels: readonly { readonly maxDisagreement: number }[] = model.tasks.find(({ id }) => id === TASKS[0].id)?.promise.levels ?? [];
    const byDefault = settings['glance.maxDisagreement'].default / 100;
    assert.ok(levels.some(({ maxDisagreement }) => maxDisagreement <= byDefault));
  });

  it('offers the execution providers that there are', () => {
    const { enum: names, enumDescriptions, default: byDefault } = settings['glance.executionProvider'];
    assert.deepEqual(names, [...EXECUTION_PROVIDERS]);
    assert.equal(enumDescriptions.length, names.length);
    assert.equal(byDefault, EXECUTION_PROVIDERS[0]);
  });

  it('offers the checks of commit messages that there are', () => {
    const { enum: names, enumDescriptions, default: byDefault } = settings['glance.commits.check'];
    assert.deepEqual(names, [...COMMIT_CHECKS]);
    assert.equal(enumDescriptions.length, names.length);
    assert.equal(byDefault, COMMIT_CHECKS[0]);
  });

  it('has every string that people read in package.nls.json, and no other there', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([^"%]+)%"/gu)].map(([, key]) => key);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
    // Whatever is not looked up there has no space in it: names, expressions of two words at most, and patterns.
    const shown = JSON.stringify(manifest.contributes, (key, value: unknown) => (['when', 'enablement', 'key', 'category'].includes(key) ? undefined : value));
    assert.deepEqual([...shown.matchAll(/"([^"]* [^"]*)"/gu)].map(([, text]) => text), []);
  });

  it('leads from the walkthrough to commands and settings that there are, by four steps with a picture each', () => {
    const commands = new Set<string>([...manifest.contributes.commands.map(({ command }) => command), 'workbench.actions.view.problems', 'workbench.action.openSettings']);
    const [walkthrough] = manifest.contributes.walkthroughs;
    assert.equal(walkthrough?.steps.length, 4);
    for (const { description, completionEvents, media } of walkthrough.steps) {
      const links = [...english(description).matchAll(/\]\(command:([\w.]+)(?:\?([^)]+))?\)/gu)];
      assert.ok(links.length > 0);
      for (const [, command, given] of links) {
        assert.ok(commands.has(command ?? ''), command);
        for (const query of given ? (JSON.parse(decodeURIComponent(given)) as string[]) : []) {
          const prefix = query.replace('@id:', '');
          assert.ok(Object.keys(settings).some((key) => key.startsWith(prefix)), query);
        }
      }
      for (const event of completionEvents) {
        const [, kind, id = ''] = /^on(Command|SettingChanged|View):(.+)$/u.exec(event) ?? [];
        assert.ok(kind === 'View' || (kind === 'Command' ? commands.has(id) : Object.hasOwn(settings, id)), event);
      }
      const picture = readFileSync(path.join(ROOT, media.svg), 'utf8');
      assert.doesNotMatch(picture, /#[\da-f]{3,8}\b|rgb\(|https?:(?!\/\/www\.w3\.org\/2000\/svg)/iu, `${media.svg} has colours of its own, or something from elsewhere`);
    }
  });

  it('restricts in untrusted workspaces the settings that name files', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.deepEqual(restrictedConfigurations, Object.keys(settings).filter((key) => key.endsWith('Path')));
  });

  it('pins every dependency', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/u, name);
    }
  });
});

describe('settings', () => {
  const source = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

  it('are read in src/editor/settings.ts alone, each of the manifest, and no others', () => {
    const read = [...source('src/editor/settings.ts').matchAll(/\bthis\.get\w*\(\s*'([\w.]+)'/gu)].map(([, key]) => `glance.${key}`);
    assert.deepEqual([...new Set(read)].sort(), Object.keys(settings).sort());
    const others = readdirSync(path.join(ROOT, 'src/editor'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && file !== 'settings.ts');
    assert.deepEqual(others.filter((file) => /getConfiguration\(\s*(?:'glance|SECTION)/u.test(source(path.join('src/editor', file)))), []);
  });

  it('have the same defaults in the manifest and in the code', () => {
    const defaults = new Map<string, unknown>(Object.entries(settings).map(([key, { default: value }]) => [key, value]));
    // Where nothing is set, the model package says what to promise.
    const notSet = readSettings(new Map([['glance.maxDisagreement', 100 * (model.tasks[0]?.defaults.maxDisagreement ?? NaN)]]));
    assert.deepEqual(readSettings(defaults), notSet);
    assert.notDeepEqual(readSettings(new Map([['glance.modelPath', '/elsewhere']])), notSet);
  });
});

/** What every reader of `Settings` says where settings have these values. */
function readSettings(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const nothing = { dispose: (): void => undefined };
  class EventEmitter {
    readonly event = (): typeof nothing => nothing;
    dispose(): void {
      // Nobody listens.
    }
  }
  const vscode = {
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    EventEmitter,
    workspace: {
      onDidChangeConfiguration: () => nothing,
      getConfiguration: (section: string) => ({ get: (key: string) => values.get(`${section}.${key}`), inspect: () => undefined }),
    },
  };
  const file = require.resolve('../../src/editor/settings');
  const { Settings } = withModule('vscode', vscode, () => {
    Reflect.deleteProperty(require.cache, file);
    return createRequire(file)(file) as { readonly Settings: (new () => object) & { readonly prototype: object } };
  });
  const instance = new Settings();
  // What writes settings, and what reads those of VS Code, is no reader of Glance's.
  const readers = Object.getOwnPropertyNames(Settings.prototype).filter((name) => !['constructor', 'dispose', 'get', 'getNumber', 'setShare', 'excluded'].includes(name));
  return Object.fromEntries(
    readers.map((name) => {
      const reader: unknown = Reflect.get(instance, name);
      const read = typeof reader === 'function' ? (Reflect.apply(reader, instance, [{ languageId: 'typescript' }]) as unknown) : reader;
      return [name, typeof read === 'function' ? Object.keys(settings['glance.comments.severity'].default).map((label) => Reflect.apply(read, undefined, [label]) as unknown) : read];
    }),
  );
}

/** Loads something with a module in place of the one that the editor brings. */
function withModule<Result>(name: string, module: unknown, load: () => Result): Result {
  const loader = Module as unknown as { _load: (this: void, request: string, ...rest: unknown[]) => unknown };
  const original = loader._load;
  loader._load = (request, ...rest) => (request === name ? module : original(request, ...rest));
  try {
    return load();
  } finally {
    loader._load = original;
  }
}

describe('tasks', () => {
  it('present the labels of the shipped model package', () => {
    const tasks: readonly { readonly id: string; readonly labels: readonly string[]; readonly silentLabel?: string | undefined }[] = model.tasks;
    for (const { id, labels, silentLabel } of tasks) {
      const task = TASKS.find((known) => known.id === id);
      assert.deepEqual(Object.keys(task?.labels ?? {}), labels);
      assert.equal(task?.silentLabel, silentLabel);
    }
  });
});
