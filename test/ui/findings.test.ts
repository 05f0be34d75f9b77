import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { Workbench, session } from './workbench';

describe('a finding, as a person deals with it', () => {
  let workbench: Workbench;
  const menu = (): Locator => workbench.page.locator('.action-widget');
  const line = (text: string): Locator => workbench.page.locator('.view-line', { hasText: text }).first();

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.openFile('ring_buffer.c');
    await workbench.page.locator('.squiggly-info').first().waitFor();
  });
  after(() => workbench?.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/gu, '-')}`);
    }
  });

  async function openMenu(text: string): Promise<void> {
    await line(text).click();
    await workbench.page.keyboard.press('Control+.');
    await menu().waitFor();
  }

  it('is summed up above the code and in the status bar, once that is wanted', async () => {
    await workbench.setSettings({ 'glance.comments.codeLens': 'file', 'glance.statusBar': true });
    await workbench.page.locator('.codelens-decoration', { hasText: /\d+ comments admit debt/u }).waitFor();
    const cost = workbench.page.locator('.statusbar-item', { hasText: /exit \d\.\d, \d+ ms/u });
    await cost.waitFor();
    assert.match((await cost.getAttribute('aria-label')) ?? '', /Glance: \d+ of \d+ comments\. Mean exit \d\.\d\d, \d+ ms/u);
    await workbench.screenshot('summary');
  });
});
