/** A person at VS Code's workbench, for the interface tests: one page on the packaged extension. */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** What `npm test` has started for these tests. */
export interface Session {
  /** Where playwright reaches the browser. */
  readonly browser: string;
  /** The workbench, open on a copy of the example folder. */
  readonly url: string;
  /** The folder for screenshots. */
  readonly screenshots: string;
}

/**
 * Reads what `npm test` has started.
 * @throws {Error} when the tests were not started by it
 */
export function session(): Session {
  const text = process.env['GLANCE_UI_SESSION'];
  if (text === undefined) throw new Error('The interface tests need an editor and a browser: run them with "npm test -- ui".');
  return JSON.parse(text) as Session;
}

/** After the tests of a suite, closes its workbench; keeps a picture of what it showed when one failed. */
export function lookAfter(workbench: () => Workbench | undefined): void {
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench()?.screenshot(`failed-${this.currentTest.title.replace(/\W+/gu, '-')}`);
    }
  });
  after(() => workbench()?.close());
}

/** Milliseconds after which what is waited for will not come, however slow the machine. */
const LONG_ENOUGH = 120_000;

/** The workbench in one browser page. Its steps wait until the workbench shows their effect. */
export class Workbench {
  private constructor(private readonly browser: Browser, readonly page: Page, private readonly screenshots: string) {}

  /**
   * Opens the workbench and waits until the folder and the user's colours are there.
   * @param folder instead of the examples: VS Code gives what is not saved back to whoever opens its folder next.
   */
  static async open({ browser: address, url: examples, screenshots }: Session, folder?: string): Promise<Workbench> {
    const url = new URL(examples);
    if (folder !== undefined) {
      url.searchParams.set('folder', folder);
    }
    const browser = await chromium.connect(address);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(LONG_ENOUGH);
    mkdirSync(screenshots, { recursive: true });
    await page.goto(url.href);
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    await page.locator('.monaco-workbench.vs-dark').waitFor();
    return new Workbench(browser, page, screenshots);
  }

  /** Closes the page and its connection. */
  async close(): Promise<void> {
    await this.browser.close();
  }

  /** Keeps what the page, or a part of it, shows as NAME.png, once nothing fades in any more. */
  async screenshot(name: string, part: Pick<Page | Locator, 'screenshot'> = this.page): Promise<void> {
    await this.page.waitForFunction(() => document.getAnimations().every((animation) => animation.effect?.getComputedTiming().iterations === Infinity || animation.playState === 'finished'));
    await part.screenshot({ path: path.join(this.screenshots, `${name}.png`) });
  }

  /** Has VS Code reload its window, which writes what is to be kept; when its page is merely left, it does not. */
  async reload(): Promise<void> {
    await Promise.all([this.page.waitForEvent('load'), this.command('Developer: Reload Window')]);
  }

  /** Gives lists beside the editor room for their words. */
  async widenSideBar(): Promise<void> {
    const { x, y, width, height } = (await this.page.locator('.part.sidebar').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await this.page.mouse.move(x + width, y + height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(x + width + 160, y + height / 2, { steps: 4 });
    await this.page.mouse.up();
  }

  /** Opens a file of the example folder by name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.quickInput().fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
    await this.tab(name).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** Runs a command by its title, as in "Glance: Classify File". */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput().fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  /** A setting in the settings editor, alone. */
  async setting(id: string): Promise<Locator> {
    await this.page.keyboard.press('Control+Comma');
    const editor = this.page.locator('.settings-editor');
    await editor.waitFor();
    await editor.locator('.suggest-input-container').click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(`@id:${id}`);
    const item = editor.locator(`.setting-item-contents[data-key="${id}"]`);
    await item.waitFor();
    return item;
  }

  /** The tab of an open editor. */
  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: name });
  }

  /** The notifications that are showing. */
  notifications(): Locator {
    return this.page.locator('.notification-toast');
  }

  private quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }
}
