/** The documents that hold commit messages: the commit boxes of the Source Control view, and the files that git opens. */
export const SELECTOR = [{ language: 'scminput' }, { language: 'git-commit' }];
