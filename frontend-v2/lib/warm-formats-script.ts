/**
 * Runs in the document's head. A process's first number format and first date format load the browser's data of languages, 20 to
 * 40 ms each time it starts: `public/warm-formats.js` has that done beside the main thread, while the page's scripts are
 * fetched. The server allows it by its hash.
 */
export const WARM_FORMATS_SCRIPT = `try { new Worker("/warm-formats.js"); } catch (e) { /* then the page's first figure waits */ }`;
