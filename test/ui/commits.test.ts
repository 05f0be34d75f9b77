import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { GitRepository, whyNoGit } from '../git-repository';
import { Workbench, lookAfter, session } from './workbench';

describe('the commit box, as a person sees it', () => {
  let repository: GitRepository;
  let workbench: Workbench;

  before(async function () {
    const reason = whyNoGit();
    if (reason) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    repository = new GitRepository([
      ['feat: add the knob', 'src/knob.ts'],
      ['mend the crash when the list of items is empty', 'src/list.ts'],
      ['feat(list)!: sort by name', 'src/list.ts'],
      ['docs: say how to install it', 'README.md'],
    ]);
    // The profile of these tests has git switched off.
    repository.write('.vscode/settings.json', '{ "git.enabled": true }');
    appendFileSync(path.join(repository.folder, '.git/info/exclude'), '.vscode\n');
    repository.write('README.md', 'Install it with npm.');
    repository.git('add', 'README.md');
    workbench = await Workbench.open(session(), repository.folder);
    await workbench.page.keyboard.press('Control+Shift+G');
    await box().waitFor();
  });
  lookAfter(() => workbench);
  after(() => repository?.remove());

  const box = (): ReturnType<Workbench['page']['locator']> => workbench.page.locator('.scm-editor');

  async function type(message: string): Promise<void> {
    await box().click();
    await workbench.page.keyboard.press('Control+A');
    await workbench.page.keyboard.type(message);
  }

  it('wakes Glance, which marks a message without a type @newest', async () => {
    await type('fix a typo in the installation section');
    await box().locator('.squiggly-info').first().waitFor();
    await workbench.screenshot('commit-untyped');
  });

  it('warns of a type that reads like another, says why on hover, and corrects it @newest', async () => {
    await type('feat: fix a typo in the installation section');
    await box().locator('.squiggly-warning').first().waitFor();
    await box().locator('.view-line span').first().hover({ position: { x: 8, y: 8 } });
    const hover = workbench.page.locator('.monaco-hover', { hasText: 'Confidence' }).first();
    await hover.waitFor();
    assert.match(await hover.innerText(), /Typed as "feat", but reads like docs[\s\S]*Read: the message and the kinds of the changed files \(1\)[\s\S]*\d,\staken/u);
    await workbench.screenshot('commit-mismatch');
    await workbench.page.mouse.move(900, 600);
    await hover.waitFor({ state: 'hidden' });
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.press('Control+.');
    const fix = workbench.page.locator('.action-widget .monaco-list-row', { hasText: 'Change type to "docs"' });
    await fix.waitFor();
    await workbench.screenshot('commit-quick-fix');
    await workbench.page.keyboard.press('Enter');
    await box().locator('.view-line', { hasText: 'docs: fix a typo' }).waitFor();
    await box().locator('.squiggly-warning').first().waitFor({ state: 'detached' });
  });

  it('offers the types, the most probable first', async () => {
    await type('fix a typo in the installation section');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.press('Control+Space');
    const rows = workbench.page.locator('.suggest-widget .monaco-list-row');
    await rows.first().waitFor();
    assert.match(await rows.first().innerText(), /docs[\s\S]*\d+%/u);
    await workbench.screenshot('commit-completion');
    await workbench.page.keyboard.press('Enter');
    await box().locator('.view-line', { hasText: 'docs: fix a typo' }).waitFor();
  });

  it('gets its type from the title of the Source Control view, and says so in the status bar', async () => {
    await type('fix a typo in the installation section');
    await workbench.page.locator('.pane-header, .scm-provider').first().hover();
    await workbench.page.locator('.action-label[aria-label^="Insert Commit Type"]').first().click();
    await box().locator('.view-line', { hasText: 'docs: fix a typo' }).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: /Glance: inserted "docs"\. Documentation, \d+% sure/u }).waitFor();
    await workbench.screenshot('commit-inserted');
  });

  it('has release notes drafted from the history', async () => {
    await workbench.command('Glance: Classify History');
    await workbench.page.locator('.quick-input-widget', { hasText: 'How many of the last commits?' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.editor-instance .view-line', { hasText: 'Breaking changes' }).first().waitFor();
    await workbench.screenshot('commit-history');
  });
});
