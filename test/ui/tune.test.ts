import assert from 'node:assert/strict';
import type { FrameLocator, Locator } from 'playwright-core';
import { Workbench, lookAfter, session } from './workbench';

describe('the Tune view, as a person uses it', () => {
  let workbench: Workbench;
  let page: FrameLocator;
  const complaints: string[] = [];
  const promise = (): Locator => page.locator('#promise');

  before(async () => {
    workbench = await Workbench.open(session());
    workbench.page.on('console', (message) => {
      if (/Content Security Policy/iu.test(message.text()) && /tune|plot|style/iu.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await workbench.openFile('inventory.ts');
    await workbench.page.locator('.squiggly-info').first().waitFor();
    await workbench.page.locator('.statusbar-item[id="status.languageStatus"]').hover();
    await workbench.page.locator('.hover-language-status', { hasText: 'differ' }).getByText('Tune', { exact: true }).click();
    await workbench.tab('Tune Glance').waitFor();
    await workbench.page.mouse.move(600, 300);
    page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await promise().filter({ hasText: /At most|at most|Full depth/u }).waitFor();
  });
  lookAfter(() => workbench);

  it('says in words what the level in use promises, and what the model package came to @newest', async () => {
    assert.match(await promise().innerText(), /With 95% confidence, at most [\d.]+% of the findings differ/u);
    assert.match(await page.locator('#in-use').innerText(), /In use for all kinds of text: 2%, the default/u);
    assert.match(await page.locator('#package .summary').innerText(), /Measured on [\d,]+ texts .*Mean exit \d\.\d\d of \d/u);
    await page.locator('#package svg[role=img]').waitFor();
    await workbench.screenshot('tune');
  });

  it('follows the keyboard from exact to fastest @newest', async () => {
    const slider = page.getByRole('slider', { name: 'Findings that may differ' });
    await slider.focus();
    await slider.press('Home');
    assert.match(await promise().innerText(), /Full depth/u);
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^0%\. Full depth/u);
    await slider.press('End');
    assert.match(await promise().innerText(), /at most 10% /u);
    await slider.press('ArrowLeft');
    assert.match(await promise().innerText(), /at most 5% /u);
  });

  it('shows what the level would change here, and what that would save', async () => {
    await page.getByRole('button', { name: 'Measure My Comments' }).click();
    await page.locator('#workspace-text').filter({ hasText: /comments .*measured at/u }).waitFor();
    await page.locator('#workspace svg[role=img]').waitFor();
    assert.match(await page.locator('#workspace .summary').innerText(), /findings would differ[\s\S]*Mean exit \d\.\d\d of \d\. About [\d.]+% of the time saved/u);
    assert.match(await page.locator('#workspace .caution').innerText(), /too small/u);
    await page.locator('#workspace summary').click();
    await page.locator('#workspace table').waitFor();
    const size = workbench.page.viewportSize();
    assert.ok(size);
    const slider = page.getByRole('slider');
    await slider.press('ArrowLeft');
    await promise().filter({ hasText: 'at most 2% ' }).waitFor();
    await slider.blur();
    await workbench.page.setViewportSize({ width: size.width, height: 1180 });
    await page.locator('h1').scrollIntoViewIfNeeded();
    await workbench.screenshot('tune-workspace');
    await workbench.page.setViewportSize(size);
    await slider.press('ArrowRight');
  });

  it('says at every level, from exact to fastest, what differs and what is saved', async () => {
    const size = workbench.page.viewportSize();
    assert.ok(size);
    await workbench.page.setViewportSize({ width: 1000, height: 870 });
    const slider = page.getByRole('slider');
    await slider.press('Home');
    const words: string[] = [];
    // Frames of an animation for the documents.
    for (let frame = 0; !words.includes(await promise().innerText()); frame += 1) {
      words.push(await promise().innerText());
      await page.locator('#workspace .summary').filter({ hasText: frame === 0 ? /At full depth/u : /of the time saved/u }).waitFor();
      await page.locator('h1').scrollIntoViewIfNeeded();
      await workbench.screenshot(`knob-${frame}`, workbench.page.locator('iframe.webview.ready'));
      await slider.press('ArrowRight');
    }
    assert.equal(words.length, Number(await slider.getAttribute('max')) + 1);
    await workbench.page.setViewportSize(size);
    await slider.press('ArrowLeft');
    await promise().filter({ hasText: 'at most 5% ' }).waitFor();
  });

  it('sets the setting, and says so @newest', async () => {
    await page.getByRole('button', { name: 'Apply Everywhere' }).click();
    await page.locator('#in-use').filter({ hasText: 'In use for all kinds of text: 5%, as you have set it.' }).waitFor();
    await page.locator('#applied').filter({ hasText: 'Saved.' }).waitFor();
    // As it was, for the tests that come after.
    await page.getByRole('slider').press('ArrowLeft');
    await page.getByRole('button', { name: 'Apply Everywhere' }).click();
    await page.locator('#in-use').filter({ hasText: 'In use for all kinds of text: 2%' }).waitFor();
  });

  it('serves the other kinds of text, by the keyboard too, each with its words, promises and measurements', async () => {
    const kind = page.getByRole('combobox', { name: 'Kind of text' });
    await kind.focus();
    await kind.press('ArrowDown');
    assert.equal(await kind.inputValue(), 'commit-type');
    await promise().filter({ hasText: /of the answers differ/u }).waitFor();
    await page.getByRole('slider', { name: 'Answers that may differ' }).waitFor();
    assert.match(await page.locator('#package .summary').innerText(), /of the answers differed/u);
    await page.getByRole('button', { name: 'Measure My Commits' }).click();
    await page.locator('#workspace-text').filter({ hasText: 'There is no Git repository here: open a folder with one' }).waitFor();
    await workbench.screenshot('tune-commits');
    await kind.press('ArrowDown');
    await page.getByRole('button', { name: 'Measure My Documents' }).click();
    await page.locator('#workspace-text').filter({ hasText: /distinct sections .*measured at/u }).waitFor();
    assert.match(await page.locator('#workspace .summary').innerText(), /answers would differ/u);
    await workbench.screenshot('tune-documents');
    await kind.selectOption('comment-debt');
    await page.locator('#workspace-text').filter({ hasText: /distinct comments .*measured at/u }).waitFor();
  });

  it('has room in a narrow column, and the colours of a light theme', async () => {
    const size = workbench.page.viewportSize();
    assert.ok(size);
    await workbench.page.setViewportSize({ width: 720, height: 1400 });
    const overflow = (): Promise<number> => page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    await page.locator('#workspace svg[role=img]').scrollIntoViewIfNeeded();
    assert.equal(await overflow(), 0);
    await workbench.screenshot('tune-narrow');
    await workbench.page.setViewportSize(size);
    await workbench.command('Preferences: Toggle between Light/Dark Themes');
    await workbench.page.locator('.monaco-workbench.vs').waitFor();
    await page.locator('body.vscode-light').waitFor();
    await workbench.screenshot('tune-light');
    await workbench.command('Preferences: Toggle between Light/Dark Themes');
    await workbench.page.locator('.monaco-workbench.vs-dark').waitFor();
  });

  it('keeps what was chosen while it is hidden', async () => {
    const slider = page.getByRole('slider');
    await slider.press('Home');
    await page.getByLabel('Kind of text').selectOption('doc-section');
    await workbench.openFile('inventory.ts');
    await workbench.tab('Tune Glance').click();
    await promise().filter({ hasText: 'Full depth' }).waitFor();
    assert.equal(await page.getByLabel('Kind of text').inputValue(), 'doc-section');
    await page.locator('#workspace svg[role=img]').waitFor();
  });

  it('comes back when the window is reloaded', async () => {
    await workbench.reload();
    await workbench.tab('Tune Glance').click();
    await promise().filter({ hasText: 'Full depth' }).waitFor();
    assert.equal(await page.getByLabel('Kind of text').inputValue(), 'doc-section');
    await page.locator('#package svg[role=img]').waitFor();
  });

  it('breaks none of the rules that it has set itself', () => {
    assert.deepEqual(complaints, []);
  });
});
