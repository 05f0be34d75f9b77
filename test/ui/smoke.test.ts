import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Workbench, lookAfter, session } from './workbench';

describe('the packaged extension in the workbench @newest', () => {
  // A folder that no other suite has left anything open in.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'glance-smoke-'));
  let workbench: Workbench;

  before(async () => {
    copyFileSync(path.resolve(__dirname, '../fixtures/workspace/inventory.ts'), path.join(folder, 'inventory.ts'));
    workbench = await Workbench.open(session(), folder);
  });

  lookAfter(() => workbench);
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('opens an example', async () => {
    await workbench.openFile('inventory.ts');
    await workbench.page.locator('.view-line', { hasText: 'class Inventory' }).waitFor();
    // The path is told from the folder on: VS Code knows the file as one of the folder's.
    assert.equal((await workbench.page.locator('.breadcrumbs-control .monaco-breadcrumb-item').first().innerText()).trim(), 'inventory.ts');
    await workbench.screenshot('example');
  });

  it('has shown no welcome page, dialog or notification on the way', async () => {
    const tabs = await workbench.page.locator('.tabs-container .tab').evaluateAll((found) => found.map((tab) => tab.getAttribute('data-resource-name')));
    assert.deepEqual(tabs, ['inventory.ts']);
    assert.equal(await workbench.page.locator('.monaco-dialog-box').count(), 0);
    assert.equal(await workbench.notifications().count(), 0);
  });
});
