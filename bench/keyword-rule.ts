/** What people use who have no model. */
export const KEYWORD_RULE = /\b(?:todo|fixme|hack|xxx)\b/iu;
