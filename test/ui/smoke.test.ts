import assert from 'node:assert/strict';
import { Workbench, lookAfter, session } from './workbench';

describe('the packaged extension in the workbench @newest', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open(session());
  });

  lookAfter(() => workbench);

  it('opens an example', async () => {
    await workbench.openFile('inventory.ts');
    await workbench.page.locator('.view-line', { hasText: 'class Inventory' }).waitFor();
    // The path is told from the folder on: VS Code knows the file as one of the folder's.
    assert.equal((await workbench.page.locator('.breadcrumbs-control .monaco-breadcrumb-item').first().innerText()).trim(), 'inventory.ts');
    await workbench.screenshot('example');
  });

  it('has shown no welcome page, dialog or notification on the way', async () => {
    assert.equal(await workbench.page.locator('.tabs-container .tab').count(), 1);
    assert.equal(await workbench.page.locator('.monaco-dialog-box').count(), 0);
    assert.equal(await workbench.notifications().count(), 0);
  });
});
