import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { Workbench, lookAfter, session } from './workbench';

describe('debt in the whole workspace, as a person looks for it', () => {
  let workbench: Workbench;
  const view = (): Locator => workbench.page.locator('.pane', { has: workbench.page.locator('.pane-header', { hasText: 'Findings' }) });
  const rows = (text: string | RegExp): Locator => view().locator('.monaco-list-row', { hasText: text });

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.widenSideBar();
  });
  lookAfter(() => workbench);

  it('is offered where there are no findings yet @newest', async () => {
    await workbench.page.locator('.activitybar .action-label[aria-label^="Glance"]').click();
    await workbench.page.getByRole('button', { name: 'Scan Workspace' }).first().waitFor();
    await workbench.screenshot('scan-welcome');
  });

  it('is listed by label, with figures @newest', async () => {
    await workbench.page.locator('.welcome-view-content').getByRole('button', { name: 'Scan Workspace' }).click();
    await rows(/^Design debt\s*\d+/u).waitFor();
    await workbench.page.getByText(/\d+ findings in \d+ comments of \d+ files, mean exit \d\.\d\d\./u).first().waitFor();
    await workbench.screenshot('scan-labels');
  });

  it('opens where it stands @newest', async () => {
    await rows('Design debt').click();
    await rows('inventory.ts').click();
    await rows('HACK: the till').click();
    await workbench.tab('inventory.ts').waitFor();
    await workbench.page.locator('.view-line', { hasText: 'HACK' }).first().waitFor();
    assert.match(await workbench.page.locator('.statusbar-item[id="status.editor.selection"]').innerText(), /Ln 13/u);
    await workbench.page.locator('.squiggly-info').first().waitFor();
    // The built-in extension for TypeScript says so at first.
    await workbench.page.locator('.statusbar-item', { hasText: 'Analyzing' }).waitFor({ state: 'detached' });
    await workbench.screenshot('scan-open');
  });

  it('is grouped by folder, or by confidence, from the view', async () => {
    for (const [grouping, expected] of [['Folder', /^inventory\.ts/u], ['Confidence', /^At least 90% sure/u], ['Label', /^Design debt/u]] as const) {
      await workbench.command('Glance: Group Findings By...');
      await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: grouping }).click();
      await rows(expected).waitFor();
      await workbench.screenshot(`scan-by-${grouping.toLowerCase()}`);
    }
  });

  it('is searched by words of comment, path and label', async () => {
    await workbench.command('Glance: Search Findings...');
    await workbench.page.locator('.quick-input-widget input.input').fill('design shop inventory');
    const found = workbench.page.locator('.quick-input-list .monaco-list-row');
    await found.filter({ hasText: 'terrible way' }).waitFor();
    // The list narrows a moment after the words are there.
    await found.nth(1).waitFor({ state: 'detached' });
    assert.equal(await found.count(), 1);
    await workbench.screenshot('scan-search');
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.statusbar-item[id="status.editor.selection"]', { hasText: 'Ln 48' }).waitFor();
  });

  it('is ignored, or called no debt, from the tree', async () => {
    await workbench.command('Glance: Group Findings By...');
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Folder' }).click();
    await rows('ring_buffer.c').click();
    const finding = rows('XXX this is not safe');
    await finding.hover();
    await workbench.screenshot('scan-actions');
    await finding.locator('.action-label[aria-label="Not Debt"]').click();
    await finding.waitFor({ state: 'detached' });
    await rows('schema.sql').click();
    const other = rows('FIXME: an article');
    await other.hover();
    await other.locator('.action-label[aria-label="Ignore Here With glance-ignore"]').click();
    await other.waitFor({ state: 'detached' });
    await workbench.command('Glance: Forget "Not Debt" Decisions');
    await rows('ring_buffer.c').waitFor();
  });
});
