/** Stands in every row; equals package.json's version (a test compares them). */
export const APP_VERSION = '0.1.0';
