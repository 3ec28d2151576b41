/** By itself: an `import()` of the whole library would bring each of its 190 grammars, a megabyte of script. */
export { createLowlight } from "lowlight";
