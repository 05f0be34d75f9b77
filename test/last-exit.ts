import model from '../models/glance-minilm/model.json';

/** The number of the last exit of comments' debt in the package that ships: a task may end before the encoder does. */
export const LAST_EXIT = (model.tasks.find(({ id }) => id === 'comment-debt')?.temperatures.length ?? 0) - 1;
