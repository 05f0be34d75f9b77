import * as l10n from '@vscode/l10n';

/**
 * A model package that cannot be used. The message names the file, and the field or the fault, for the person who must mend it: in the language of
 * who uses a package where a file is missing, damaged or of another version; in English, as the format is, where who made it must mend it.
 */
export class ModelPackageError extends Error {
  override readonly name = 'ModelPackageError';

  constructor(
    /** File at fault, relative to the package. */
    readonly file: string,
    /** What is wrong with it, to be read after its name: "is 12 bytes long instead of 40". */
    readonly fault: string,
    /** Folder of the package, where it is known. */
    readonly folder?: string,
    options?: ErrorOptions,
  ) {
    super(folder === undefined ? l10n.t('The model package cannot be used: {0} {1}.', file, fault) : l10n.t('The model package in {0} cannot be used: {1} {2}.', folder, file, fault), options);
  }
}
