import { LANGUAGES } from '../../core/sources/comments/languages';

/** The documents whose comments can be found: where Glance's hover and status items are shown. */
export const SELECTOR = LANGUAGES.map(({ id }) => ({ language: id }));
