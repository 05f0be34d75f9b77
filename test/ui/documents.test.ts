import assert from 'node:assert/strict';
import { Workbench, lookAfter, session } from './workbench';

describe('sections of a README, as a person sees them', () => {
  let workbench: Workbench;
  const heading = (text: string) => workbench.page.locator('.view-line', { hasText: text }).first();

  before(async () => {
    workbench = await Workbench.open(session());
    await workbench.openFile('README.md');
  });
  lookAfter(() => workbench);

  it('have what they are about behind their headings @newest', async () => {
    await heading('Usage').waitFor();
    // What is written behind a line is drawn by a pseudo element.
    await workbench.page.waitForFunction(() => {
      const shown = Array.from(document.querySelectorAll('.view-line span'), (span) => getComputedStyle(span, '::after').content);
      return shown.filter((content) => /[A-Z]\w+(?: \+ \w+)* · \d+%/u.test(content.replace(/\u00a0/gu, ' '))).length >= 2;
    });
    await workbench.screenshot('documents');
  });

  it('are explained on hover @newest', async () => {
    await heading('Usage').getByText('Usage').hover();
    const hover = workbench.page.locator('.monaco-hover', { hasText: 'Left at exit' }).first();
    await hover.waitFor();
    assert.match(await hover.innerText(), /ms, native engine[\s\S]*\n0(?:,\staken)?\t[\w +]+\t\d+%\t/u);
    assert.match(await hover.innerText(), /\n\d,\staken\t[\w +]+\t\d+%\t/u);
    await workbench.screenshot('documents-hover');
    await workbench.page.mouse.move(1000, 780);
    await hover.waitFor({ state: 'hidden' });
  });

  it('are listed in a view of their own', async () => {
    await workbench.command('Focus on Sections View');
    const row = workbench.page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row', { hasText: 'Usage' }).first();
    await row.waitFor();
    assert.match(await row.innerText(), /Usage[\s\S]*· \d+%/u);
    await workbench.screenshot('documents-view');
  });

  it('are told among the status items of the language, with what the README lacks', async () => {
    await workbench.page.locator('.statusbar-item[id="status.languageStatus"]').hover();
    const status = workbench.page.locator('.hover-language-status', { hasText: 'README' }).first();
    await status.waitFor();
    assert.match(await status.innerText(), /README seems to lack[\s\S]*License/u);
    await workbench.screenshot('documents-status');
    await workbench.page.mouse.move(600, 300);
  });

  it('are added where one is missing', async () => {
    await heading('Usage').click();
    await workbench.command('Glance: What Is Missing in This README');
    const row = workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'seems to be missing' }).last();
    await row.waitFor();
    await workbench.screenshot('documents-missing');
    await row.click();
    await heading('## Licen').waitFor();
    await workbench.page.keyboard.type('MIT.');
    await workbench.page.locator('.view-line', { hasText: /^MIT\.$/u }).first().waitFor();
    await workbench.screenshot('documents-added');
    await workbench.command('File: Revert File');
    await workbench.page.locator('.view-line', { hasText: /^MIT\.$/u }).waitFor({ state: 'detached' });
  });
});
