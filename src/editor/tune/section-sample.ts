import * as vscode from 'vscode';
import { isMarkdownFile, sectionsOf } from '../../core/sources/markdown/sections';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import { isWrittenMarkdown, LONGEST_DOCUMENT } from '../documents/documents';
import { sampleFiles } from './file-sample';
import type { TakeSample } from './sample';

/** Sections of a sample: they are several times as long as comments, and fewer. */
const MOST = 1000;

/** Takes sections from Markdown documents and files. The settings of documents are of what is shown, and leave none out. */
export const sampleSections: TakeSample = async (sampling, signal, onFound) => {
  const sample = await sampleFiles(
    {
      most: MOST,
      isIn: isWrittenMarkdown,
      languageOf: (path) => (isMarkdownFile(path) ? 'markdown' : undefined),
      cut: ({ text }) => {
        const sections = text.length > LONGEST_DOCUMENT ? [] : sectionsOf(text);
        return Promise.resolve(sections.map((section) => ({ text: DOC_SECTION.prepare(section), range: section.range, excerpt: text.slice(section.range.start, section.range.end) })));
      },
    },
    sampling,
    signal,
    onFound,
  );
  return sample.texts.length > 0
    ? sample
    : { reason: vscode.l10n.t('There are no Markdown files to measure with, neither in this workspace nor open ones. Open a folder that has some, or write a README.md.') };
};
