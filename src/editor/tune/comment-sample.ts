import * as vscode from 'vscode';
import { languageById, languageOfFile } from '../../core/sources/comments/languages';
import { isWritten } from '../written-documents';
import { sampleFiles } from './file-sample';
import type { TakeSample } from './sample';

/** Comments of a sample: enough to tell a share of a few percent, and classified within seconds. */
const MOST = 2000;

/** Takes comments from documents and files, except where they are never classified unasked. */
export const sampleComments: TakeSample = async (sampling, signal, onFound) => {
  const { engine, settings } = sampling;
  const sample = await sampleFiles(
    {
      most: MOST,
      isIn: (document) => isWritten(document) && languageById(document.languageId) !== undefined,
      languageOf: (path) => languageOfFile(path)?.id,
      cut: async ({ uri, language, text: source }) => {
        const isLeftOut = settings.run({ uri, languageId: language }) === 'never';
        const snippets = isLeftOut ? [] : (await engine.findComments({ source, language }, signal)).snippets;
        return snippets.map((snippet) => ({ ...snippet, excerpt: snippet.text }));
      },
    },
    sampling,
    signal,
    onFound,
  );
  return sample.texts.length > 0
    ? sample
    : { reason: vscode.l10n.t('There are no comments to measure with, neither in files of this workspace nor in open ones. Open a folder with source code; files for which glance.comments.run is "never" are left out.') };
};
