/** So many people are shown before the rest is asked for. */
export const FIRST_PEOPLE = 12;
