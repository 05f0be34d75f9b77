import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { Workbench, lookAfter, session } from './workbench';

describe('a finding, as a person deals with it', () => {
  let workbench: Workbench;
  const menu = (): Locator => workbench.page.locator('.action-widget:not(.action-list-submenu-panel)');
  const line = (text: string): Locator => workbench.page.locator('.view-line', { hasText: text }).first();

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.openFile('PriceList.java');
    await workbench.page.locator('.squiggly-info').first().waitFor();
  });
  lookAfter(() => workbench);

  async function openMenu(text: string): Promise<void> {
    await line(text).click();
    // VS Code gives up the first request where a language's own extension starts meanwhile.
    do {
      await workbench.page.keyboard.press('Control+.');
    } while (!(await menu().waitFor({ timeout: 5000 }).then(() => true, () => false)));
  }

  /** Chooses one of the quick fixes of a line by the keyboard. */
  async function fix(text: string, title: string): Promise<void> {
    await openMenu(text);
    const focused = menu().locator('.monaco-list-row.focused');
    while (!(await focused.innerText()).includes(title)) {
      await workbench.page.keyboard.press('ArrowDown');
    }
    await workbench.page.keyboard.press('Enter');
    await menu().waitFor({ state: 'hidden' });
  }

  /** Waits until the code lens of the file, above its first line, says something. */
  async function lens(text: RegExp): Promise<void> {
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.locator('.codelens-decoration', { hasText: text }).waitFor();
  }

  it('offers what can be done about it @newest', async () => {
    await openMenu('workaround for the cache');
    for (const title of ['Ignore here with glance-ignore', 'Not debt', 'Mark with TODO', 'Classify at full depth', 'Copy finding']) {
      await menu().getByText(title).first().waitFor();
    }
    await workbench.screenshot('quick-fixes');
    await workbench.page.keyboard.press('Escape');
    await menu().waitFor({ state: 'hidden' });
  });

  it('is answered by the whole model when that is asked for', async () => {
    await fix('workaround for the cache', 'Classify at full depth');
    const toast = workbench.notifications().filter({ hasText: /left at exit (\d) of \1/u });
    await toast.waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await toast.waitFor({ state: 'detached' });
  });

  it('is summed up above the code and in the status bar, once that is wanted', async () => {
    await (await workbench.setting('glance.comments.codeLens')).locator('select').selectOption('file');
    await (await workbench.setting('glance.statusBar')).locator('.setting-value-checkbox').click();
    await workbench.openFile('PriceList.java');
    await workbench.page.keyboard.press('Control+Home');
    await lens(/^3 comments admit debt/u);
    const cost = workbench.page.locator('.statusbar-item', { hasText: /exit \d\.\d, \d+ ms/u });
    await cost.waitFor();
    assert.match(await cost.locator('a').first().getAttribute('aria-label') ?? '', /Glance: \d+ of \d+ comments\. Mean exit \d\.\d\d, \d+ ms/u);
    await workbench.screenshot('summary');
  });

  it('is gone where it is no debt, or ignored, and comes back when that is forgotten', async () => {
    await fix('TODO return an Optional', 'Not debt');
    await lens(/^2 comments admit debt/u);
    await fix('workaround for the cache', 'Ignore here');
    await lens(/^1 comment admits debt/u);
    await workbench.screenshot('ignored');
    await workbench.command('Glance: Forget "Not Debt" Decisions');
    const toast = workbench.notifications().filter({ hasText: '1 decision was forgotten' });
    await toast.waitFor();
    await lens(/^2 comments admit debt/u);
    await workbench.command('Notifications: Clear All Notifications');
    // All as it was, for the tests that come after.
    await workbench.command('File: Revert File');
    await lens(/^3 comments admit debt/u);
    await (await workbench.setting('glance.comments.codeLens')).locator('select').selectOption('off');
    await (await workbench.setting('glance.statusBar')).locator('.setting-value-checkbox').click();
    await workbench.openFile('PriceList.java');
    await workbench.page.locator('.statusbar-item', { hasText: /exit \d\.\d, \d+ ms/u }).waitFor({ state: 'detached' });
  });
});
